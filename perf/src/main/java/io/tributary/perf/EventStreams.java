package io.tributary.perf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * What many who listened to one run were told. All are told the same, each from when it came: whoever was told most shows what there was
 * to be told, and an event that it was told and another one was not, though that one was there before, is missed.
 */
final class EventStreams {
    private static final String SETTLED = "event: settled\n";
    private static final String PROGRESS = "event: progress\n";
    private static final String DATA = "data: ";
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Each event once, by a number: hundreds were told the same. */
    private final Map<String, Integer> numbers = new HashMap<>();

    private final List<String> events = new ArrayList<>();
    private final List<List<Integer>> told = new ArrayList<>();
    private final Map<String, Integer> errors = new TreeMap<>();
    private Instant firstEnd = Instant.MAX;
    private Instant lastEnd = Instant.MIN;

    static EventStreams of(Vegeta.Attack listeners) throws IOException, InterruptedException {
        EventStreams streams = new EventStreams();
        listeners.answers(streams::add);
        return streams;
    }

    private void add(JsonNode answer) {
        if (!answer.path("error").asText().isEmpty()) {
            errors.merge(answer.path("error").asText(), 1, Integer::sum);
            return;
        }
        List<Integer> stream = new ArrayList<>();
        String body = new String(Base64.getDecoder().decode(answer.path("body").asText()), StandardCharsets.UTF_8);
        for (String frame : body.split("\n\n", -1)) {
            if (frame.startsWith(PROGRESS) || frame.startsWith(SETTLED)) { // the others are comments
                stream.add(numbers.computeIfAbsent(frame, event -> {
                    events.add(event);
                    return events.size() - 1;
                }));
            }
        }
        told.add(stream);
        Instant end = OffsetDateTime.parse(answer.path("timestamp").asText())
                .toInstant()
                .plusNanos(answer.path("latency").asLong());
        firstEnd = end.isBefore(firstEnd) ? end : firstEnd;
        lastEnd = end.isAfter(lastEnd) ? end : lastEnd;
    }

    /** Events that all were told together. */
    long received() {
        return told.stream().mapToLong(List::size).sum();
    }

    void describe(ObjectNode into) {
        List<Integer> most = told.stream().max(Comparator.comparing(List::size)).orElse(List.of());
        into.put("clients", told.size());
        into.put("errors", errors.isEmpty() ? "none" : errors.toString());
        into.put("eventsOfTheRun", events.size());
        into.put("mostEvents", most.size());
        into.put("fewestEvents", told.stream().mapToInt(List::size).min().orElse(0));
        into.put("eventsReceived", received());
        into.put(
                "eventsMissed",
                told.stream().mapToLong(stream -> missed(stream, most)).sum());
        into.put("clientsToldTheFirst", count(stream -> stream.get(0).equals(most.get(0))));
        into.put("clientsToldRunning", count(stream -> state(stream.get(0)).equals("RUNNING")));
        into.put("clientsToldSettled", count(stream -> isSettled(stream.get(stream.size() - 1))));
        into.put(
                "lastEventReachedAllWithinMs",
                told.isEmpty() ? 0 : Duration.between(firstEnd, lastEnd).toMillis());
    }

    private long count(Predicate<List<Integer>> isSo) {
        return told.stream()
                .filter(stream -> !stream.isEmpty() && isSo.test(stream))
                .count();
    }

    private static long missed(List<Integer> stream, List<Integer> most) {
        if (stream.isEmpty()) {
            return most.size();
        }
        List<Integer> since = most.subList(Math.max(0, most.indexOf(stream.get(0))), most.size());
        HashSet<Integer> had = new HashSet<>(stream);
        return since.stream().filter(event -> !had.contains(event)).count();
    }

    private boolean isSettled(int event) {
        return events.get(event).startsWith(SETTLED) && state(event).equals("COMPLETE");
    }

    private String state(int event) {
        String text = events.get(event);
        try {
            return JSON.readTree(text.substring(text.indexOf(DATA) + DATA.length()))
                    .path("state")
                    .asText();
        } catch (IOException e) {
            throw new UncheckedIOException("an event that is no JSON: " + text, e);
        }
    }
}

package io.tributary.ingest.live;

import io.tributary.ingest.live.StageView.Name;
import io.tributary.ingest.live.StageView.State;
import io.tributary.ingest.metrics.IngestMetrics.Stage;
import io.tributary.ingest.metrics.IngestReading;
import io.tributary.ingest.metrics.IngestReading.OfStage;
import io.tributary.ingest.sink.kafka.TopicProgress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Makes stages of looks: rates and times over the last three seconds, of the stream's ten, and who holds the others back. That is
 *
 * <ol>
 *   <li>the source, while its quota makes this instance pause and pages wait for it;
 *   <li>Spark, when it is more than {@link #LATE} behind a topic that it can read;
 *   <li>while three quarters of the slots are busy, the stage that most of the pages are in (by Little's law the mean number
 *       in a stage is its rate times its time, so this is where a page's time goes).
 * </ol>
 *
 * <p>Not thread-safe.
 */
final class Stages {
    /** A mean over three seconds: a second alone has one page or none. */
    private static final int OVER = 4;

    /** And over ten: Spark tells how far it is when it is done with a batch. */
    private static final int OVER_OF_BATCHES = 11;

    static final Duration LATE = Duration.ofSeconds(5);

    /** Spark takes its time for a batch on a busy machine; one that takes longer does not get on. */
    static final Duration STANDS_STILL = Duration.ofSeconds(20);

    private static final double BUSY = 0.75;
    private static final Map<Name, Stage> INGEST = new EnumMap<>(Map.of(
            Name.SOURCE, Stage.FETCH,
            Name.CAPTURE, Stage.CAPTURE,
            Name.POSTGRES, Stage.STORE,
            Name.KAFKA, Stage.PUBLISH));

    private final int slots;
    private final Deque<Look> looks = new ArrayDeque<>();
    private final Behind behindTopic = new Behind();
    private final Behind behindKafka = new Behind();
    private long passed = -1;
    private long passedSinceMs;

    /** @param slots pages that ingest works on at once, at most */
    Stages(int slots) {
        this.slots = slots;
    }

    /** All six, as they are at the newest look. */
    List<StageView> next(Look now) {
        looks.addLast(now);
        if (looks.size() > OVER_OF_BATCHES) {
            looks.removeFirst();
        }
        now.topic().ifPresent(topic -> remember(now.atMs(), topic));
        if (now.counted().isPresent() && now.uncounted().isPresent()) {
            behindKafka.add(now.atMs(), now.counted().get() + now.uncounted().get());
        }
        Optional<Name> holder = holder(now);
        List<StageView> all = new ArrayList<>();
        for (Name name : Name.values()) {
            StageView view = view(name, now);
            boolean holds = holder.filter(name::equals).isPresent() && view.state() != State.DOWN;
            all.add(holds ? holding(view, now) : view);
        }
        return List.copyOf(all);
    }

    private void remember(long atMs, TopicProgress topic) {
        behindTopic.add(atMs, topic.records());
        long reached = topic.passed() == null ? -1 : topic.passed();
        if (reached != passed || Objects.requireNonNullElse(topic.waiting(), 0L) == 0) {
            passed = reached;
            passedSinceMs = atMs;
        }
    }

    private StageView view(Name name, Look now) {
        return switch (name) {
            case SOURCE, CAPTURE, POSTGRES, KAFKA -> ofIngest(name, now);
            case SPARK -> ofSpark(now);
            case CASSANDRA -> ofCassandra(now);
        };
    }

    private StageView ofIngest(Name name, Look now) {
        OfStage stage = of(name, now);
        OfStage before = of(name, before(OVER));
        long pages = stage.pages() - before.pages();
        Long millis = pages == 0 ? null : (stage.busyNanos() - before.busyNanos()) / pages / 1_000_000;
        Double rate = rate(OVER, look -> Optional.of(of(name, look).users()));
        // on a busy machine a server may be slow to say that it is there, and yet take page after page
        boolean takes = stage.users() > of(name, before(2)).users();
        String missing = takes ? null : missing(name, now, stage);
        State state = missing != null ? State.DOWN : stage.inside() == 0 && isZero(rate) ? State.IDLE : State.FLOWING;
        return new StageView(name, state, rate, millis, (long) stage.inside(), missing);
    }

    private static @Nullable String missing(Name name, Look now, OfStage stage) {
        return switch (name) {
            case SOURCE -> stage.failing() ? "the last request got no good answer" : null;
            case KAFKA -> {
                String registry = why(now, "registry");
                yield why(now, "kafka") != null ? why(now, "kafka") : registry == null ? null : "registry: " + registry;
            }
            default -> why(now, "postgres");
        };
    }

    private StageView ofSpark(Look now) {
        TopicProgress topic = now.topic().orElse(null);
        if (topic == null || topic.passed() == null || topic.waiting() == null) {
            String words = topic == null ? "Kafka does not say how far it is" : "it has told nothing of itself yet";
            return new StageView(Name.SPARK, State.UNKNOWN, null, null, null, words);
        }
        Double rate = rate(OVER_OF_BATCHES, look -> look.topic().map(TopicProgress::passed));
        long still = now.atMs() - passedSinceMs;
        boolean stands = topic.waiting() > 0 && still > STANDS_STILL.toMillis();
        State state = stands ? State.DOWN : topic.waiting() == 0 && isZero(rate) ? State.IDLE : State.FLOWING;
        String words = stands ? "it has not got on for " + still / 1_000 + " s" : null;
        return new StageView(Name.SPARK, state, rate, behindTopic.millis(topic.passed()), topic.waiting(), words);
    }

    private StageView ofCassandra(Look now) {
        Double rate = rate(OVER_OF_BATCHES, Look::counted);
        Long waiting = now.uncounted().orElse(null);
        boolean answers = waiting != null && waiting > 0; // it was asked for them, and told
        String missing = answers ? null : why(now, "cassandra");
        Long behind = now.counted().map(behindKafka::millis).orElse(null);
        State state = missing != null
                ? State.DOWN
                : waiting == null ? State.UNKNOWN : waiting == 0 && isZero(rate) ? State.IDLE : State.FLOWING;
        return new StageView(Name.CASSANDRA, state, rate, behind, waiting, missing);
    }

    private Optional<Name> holder(Look now) {
        if (!now.ingest().source().pause().isZero() && now.hasOpenPages()) {
            return Optional.of(Name.SOURCE);
        }
        boolean sparkIsLate = now.topic()
                .filter(topic -> topic.passed() != null && why(now, "kafka") == null)
                .map(topic -> behindTopic.millis(Objects.requireNonNull(topic.passed())) > LATE.toMillis())
                .orElse(false);
        if (sparkIsLate) {
            return Optional.of(Name.SPARK);
        }
        Look before = before(OVER);
        long busy = now.ingest().slotsBusyNanos() - before.ingest().slotsBusyNanos();
        long passing = now.ingest().nanos() - before.ingest().nanos();
        return busy == 0 || busy < BUSY * slots * passing ? Optional.empty() : Optional.of(busiest(now, before));
    }

    private static Name busiest(Look now, Look before) {
        Name busiest = Name.SOURCE;
        for (Name name : INGEST.keySet()) {
            if (busy(name, now, before) > busy(busiest, now, before)) {
                busiest = name;
            }
        }
        return busiest;
    }

    private static long busy(Name name, Look now, Look before) {
        return of(name, now).busyNanos() - of(name, before).busyNanos();
    }

    private static StageView holding(StageView view, Look now) {
        Duration pause = now.ingest().source().pause();
        String words = view.name() == Name.SOURCE && !pause.isZero()
                ? "its quota is used up for another " + Math.max(1, pause.toSeconds()) + " s"
                : view.name() == Name.SPARK ? "it is behind the topic" : "most of a page's time goes here";
        return new StageView(view.name(), State.HOLDING, view.usersPerSecond(), view.millis(), view.waiting(), words);
    }

    /** The first of so many looks up to now, or of all. */
    private Look before(int looksBack) {
        return looks.stream()
                .skip(Math.max(0, looks.size() - looksBack))
                .findFirst()
                .orElseThrow();
    }

    /** Of a count that grows, a second, since the first of so many looks that knew it; null where now it is not known. */
    private @Nullable Double rate(int looksBack, Function<Look, Optional<Long>> count) {
        Look last = looks.getLast();
        Optional<Long> to = count.apply(last);
        Optional<Look> first = looks.stream()
                .skip(Math.max(0, looks.size() - looksBack))
                .filter(look -> count.apply(look).isPresent())
                .findFirst();
        if (to.isEmpty() || first.isEmpty() || first.get().atMs() == last.atMs()) {
            return null;
        }
        long from = count.apply(first.get()).orElseThrow();
        return Math.max(0, to.get() - from)
                * 1_000.0
                / (last.atMs() - first.get().atMs());
    }

    private static boolean isZero(@Nullable Double rate) {
        return rate == null || rate == 0;
    }

    private static @Nullable String why(Look now, String server) {
        Optional<String> missing = now.servers().get(server);
        return missing == null ? null : missing.orElse(null);
    }

    private static OfStage of(Name name, Look look) {
        IngestReading ingest = look.ingest();
        return Objects.requireNonNull(ingest.stages().get(INGEST.get(name)), "every stage is read");
    }
}

package io.tributary.randomuser;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Reads {@code [{"kind":"429","times":2,"after":1,"page":3,"seed":"abc","position":0,"value":"3600","amount":0}]}; only kind is required. */
final class FaultReader {
    private final ObjectMapper mapper = new ObjectMapper();

    /** @throws IllegalArgumentException naming what is wrong */
    List<Fault> read(byte[] json) {
        JsonNode list;
        try {
            list = mapper.readTree(new String(json, java.nio.charset.StandardCharsets.UTF_8));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not JSON: " + e.getOriginalMessage(), e);
        }
        if (!list.isArray()) {
            throw new IllegalArgumentException("expected a list of faults");
        }
        List<Fault> faults = new ArrayList<>();
        list.forEach(item -> faults.add(fault(item)));
        return faults;
    }

    private static Fault fault(JsonNode item) {
        String kind = item.path("kind").asText();
        Fault fault = Fault.of(
                FaultKind.of(kind).orElseThrow(() -> new IllegalArgumentException("unknown kind of fault: " + kind)));
        for (Map.Entry<String, JsonNode> member : item.properties()) {
            fault = with(fault, member.getKey(), member.getValue());
        }
        return fault;
    }

    private static Fault with(Fault fault, String name, JsonNode value) {
        return switch (name) {
            case "kind" -> fault;
            case "times" -> fault.times((int) whole(name, value));
            case "after" -> fault.after((int) whole(name, value));
            case "page" -> fault.onPage((int) whole(name, value));
            case "seed" -> fault.ofSeed(value.asText());
            case "position" -> fault.at((int) whole(name, value));
            case "value" -> fault.value(value.asText());
            case "amount" -> fault.amount(whole(name, value));
            default -> throw new IllegalArgumentException("unknown member of a fault: " + name);
        };
    }

    private static long whole(String name, JsonNode value) {
        if (!value.isIntegralNumber()) {
            throw new IllegalArgumentException(name + " is not a whole number");
        }
        return value.asLong();
    }
}

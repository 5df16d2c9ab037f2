package io.tributary.etl;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** JSON as trees; what does not have the agreed shape is an {@link ApiException}. */
final class Json {
    private static final ObjectMapper MAPPER =
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private Json() {}

    static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    static JsonNode parse(String text) {
        try {
            return MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw ApiException.notUnderstood("no JSON: " + e.getOriginalMessage(), e);
        }
    }

    /** In one line. */
    static String text(JsonNode node) {
        return node.toString();
    }

    /** Reads the members that must be there. */
    record Reader(String what, JsonNode node) {
        Reader {
            if (!node.isObject()) {
                throw ApiException.notUnderstood(what + " is no object", null);
            }
        }

        String text(String name) {
            JsonNode value = node.path(name);
            if (!value.isTextual()) {
                throw missing(name);
            }
            return value.textValue();
        }

        long whole(String name) {
            JsonNode value = node.path(name);
            if (!value.canConvertToLong()) {
                throw missing(name);
            }
            return value.longValue();
        }

        boolean flag(String name) {
            JsonNode value = node.path(name);
            if (!value.isBoolean()) {
                throw missing(name);
            }
            return value.booleanValue();
        }

        /** One of the constants that the contract lists. */
        <E extends Enum<E>> E constant(String name, Class<E> constants) {
            String text = text(name);
            for (E constant : constants.getEnumConstants()) {
                if (constant.name().equals(text)) {
                    return constant;
                }
            }
            throw ApiException.notUnderstood(what + "." + name + " " + Text.printable(text), null);
        }

        Reader object(String name) {
            return new Reader(what + "." + name, node.path(name));
        }

        JsonNode array(String name) {
            JsonNode value = node.path(name);
            if (!value.isArray()) {
                throw missing(name);
            }
            return value;
        }

        private ApiException missing(String name) {
            return ApiException.notUnderstood(what + "." + name + " is missing or of another type", null);
        }
    }
}

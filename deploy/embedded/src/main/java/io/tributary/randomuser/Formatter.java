package io.tributary.randomuser;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** The page in the formats nobody ingests, made from its JSON: shaped like the source's, not byte for byte. */
final class Formatter {
    private final ObjectMapper mapper = new ObjectMapper();

    byte[] format(byte[] json, Format format) {
        if (format == Format.JSON) {
            return json;
        }
        try {
            JsonNode page = mapper.readTree(json);
            StringBuilder out = new StringBuilder();
            switch (format) {
                case CSV -> csv(page.path("results"), out);
                case XML -> {
                    out.append("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
                    xml("user", page, out);
                }
                case YAML -> yaml(page, "", out);
                default ->
                    out.append(mapper.writer(SerializationFeature.INDENT_OUTPUT).writeValueAsString(page));
            }
            return out.toString().getBytes(StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void csv(JsonNode users, StringBuilder out) {
        boolean first = true;
        for (JsonNode user : users) {
            Map<String, String> cells = new LinkedHashMap<>();
            flatten("", user, cells);
            if (first) {
                out.append(String.join(",", cells.keySet())).append('\n');
                first = false;
            }
            out.append(String.join(",", cells.values())).append('\n');
        }
    }

    private static void flatten(String path, JsonNode node, Map<String, String> cells) {
        if (node.isObject()) {
            node.properties()
                    .forEach(member -> flatten(
                            path.isEmpty() ? member.getKey() : path + "." + member.getKey(), member.getValue(), cells));
        } else {
            String text = node.isNull() ? "" : node.asText();
            boolean quoted = text.contains(",") || text.contains("\"");
            cells.put(path, quoted ? '"' + text.replace("\"", "\"\"") + '"' : text);
        }
    }

    private static void xml(String name, JsonNode node, StringBuilder out) {
        if (node.isArray()) {
            node.forEach(item -> xml(name, item, out));
            return;
        }
        out.append('<').append(name).append('>');
        if (node.isObject()) {
            node.properties().forEach(member -> xml(member.getKey(), member.getValue(), out));
        } else if (!node.isNull()) {
            out.append(node.asText().replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"));
        }
        out.append("</").append(name).append('>');
    }

    /** Scalars are written as JSON, which YAML reads. */
    private static void yaml(JsonNode node, String indent, StringBuilder out) {
        if (node.isObject()) {
            node.properties().forEach(member -> {
                out.append(indent).append(member.getKey()).append(':');
                nested(member.getValue(), indent, out);
            });
        } else {
            node.forEach(item -> {
                out.append(indent).append('-');
                nested(item, indent, out);
            });
        }
    }

    private static void nested(JsonNode node, String indent, StringBuilder out) {
        if (node.isContainerNode()) {
            out.append('\n');
            yaml(node, indent + "    ", out);
        } else {
            out.append(' ').append(node).append('\n');
        }
    }
}

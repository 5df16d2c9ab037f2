package io.tributary.randomuser;

import java.util.Locale;

/** What {@code format} asks for; anything unknown is JSON. */
enum Format {
    JSON("application/json"),
    PRETTY("application/json"),
    CSV("text/csv"),
    XML("text/xml"),
    YAML("text/x-yaml");

    final String contentType;

    Format(String mediaType) {
        contentType = mediaType + "; charset=utf-8";
    }

    static Format of(String format) {
        return switch (format.toLowerCase(Locale.ROOT)) {
            case "pretty", "prettyjson" -> PRETTY;
            case "csv" -> CSV;
            case "xml" -> XML;
            case "yaml" -> YAML;
            default -> JSON;
        };
    }
}

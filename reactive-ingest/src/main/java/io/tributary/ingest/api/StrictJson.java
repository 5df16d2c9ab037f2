package io.tributary.ingest.api;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** What a schema can not say of a body: one object in UTF-8, no member twice, nothing behind it, at most 8 deep. */
final class StrictJson {
    private static final JsonMapper STRICT = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(8)
                            .maxNumberLength(100)
                            .maxNameLength(1_000)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private StrictJson() {}

    /** Throws a 400 for anything else. */
    static JsonNode object(byte[] body) {
        JsonNode json;
        try {
            json = STRICT.readTree(text(body));
        } catch (JacksonException e) {
            throw Problem.malformed("the body is not one JSON object without repeated members, at most 8 deep");
        }
        if (!json.isObject()) {
            throw Problem.malformed("the body is not a JSON object");
        }
        return json;
    }

    /** Decoded here, as Jackson would guess at UTF-16 and UTF-32. */
    private static String text(byte[] body) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(body))
                    .toString();
        } catch (CharacterCodingException e) {
            throw Problem.malformed("the body is not UTF-8");
        }
    }
}

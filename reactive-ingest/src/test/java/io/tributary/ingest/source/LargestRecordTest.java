package io.tributary.ingest.source;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.ingest.model.CapturedPage;
import io.tributary.ingest.model.Lease;
import io.tributary.ingest.model.PageRequest;
import io.tributary.ingest.model.ParsedPage;
import io.tributary.ingest.sink.kafka.UserTopic;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class LargestRecordTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    /** They can not be any text. */
    private static final Set<String> OF_A_FORM = Set.of("uuid", "gender", "nat", "date", "latitude", "longitude");
    /** Key, headers, record and batch around the body. */
    private static final int AROUND = 1_000;

    @Test
    @Tag("bad-input-30")
    @DisplayName("30 · a record above max.message.bytes: none can be, the largest user is half a MiB")
    void aUserOfTheLongestTextsFitsIntoTheLargestRecord() throws Exception {
        // Given
        ObjectNode user = (ObjectNode) JSON.readTree(Bodies.user(0));
        lengthen(user, "\u5b57".repeat(FieldReader.MAX_TEXT)); // three bytes, the most that a UTF-16 unit takes
        PageRequest asked = Bodies.asked(1);
        // When
        ParsedPage parsed = PageParser.parse(asked, Bodies.bytes(Bodies.page(JSON.writeValueAsString(user))));
        CapturedPage page = CapturedPage.of(new Lease(asked, 1, false, NOW, NOW.plusSeconds(60)), NOW, parsed);
        // Then
        assertThat(page.dead()).isEmpty();
        assertThat(page.events().get(0).body().length)
                .isBetween(17 * 3 * FieldReader.MAX_TEXT, UserTopic.LARGEST_RECORD_BYTES - AROUND);
    }

    private static void lengthen(ObjectNode object, String text) {
        for (Map.Entry<String, JsonNode> member : object.properties()) {
            if (member.getValue() instanceof ObjectNode inner) {
                lengthen(inner, text);
            } else if (!OF_A_FORM.contains(member.getKey())
                    && (member.getValue().isTextual() || member.getKey().equals("postcode"))) {
                object.put(member.getKey(), text);
            }
        }
    }
}

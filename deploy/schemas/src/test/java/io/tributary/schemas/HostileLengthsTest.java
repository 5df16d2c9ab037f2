package io.tributary.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.schemas.UserEventDecoder.Reason;
import io.tributary.schemas.UserEventDecoder.Undecodable;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lengths that lie: the writer's schema has a field of its own in front of ours, and its length is not what follows. */
@Tag("bad-input-30")
@Timeout(
        value = 30,
        unit = TimeUnit.SECONDS,
        threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a lying length may not keep a reader busy
class HostileLengthsTest {
    private static final Schema TEXTS = SchemaBuilder.array().items().stringType();
    private static final Schema NOTHINGS = SchemaBuilder.array().items().nullType();
    private static final Schema EMPTY_RECORDS = SchemaBuilder.array()
            .items(SchemaBuilder.record("Empty")
                    .fields()
                    .name("n")
                    .type(SchemaBuilder.builder().nullType())
                    .noDefault()
                    .endRecord());
    private static final Schema BYTES = SchemaBuilder.builder().bytesType();

    @ParameterizedTest
    @ValueSource(longs = {-1, Long.MIN_VALUE, Long.MAX_VALUE, Integer.MAX_VALUE, 1_000_000})
    @DisplayName("30 · an array that says another length than it has is malformed, and the next record is read")
    void anArrayThatLiesIsMalformed(long count) throws Exception {
        UserEventDecoder decoder = decoder(TEXTS);
        assertThatThrownBy(() -> decoder.decode(after(count)))
                .isInstanceOfSatisfying(
                        Undecodable.class, e -> assertThat(e.reason()).isEqualTo(Reason.MALFORMED));
        assertThat(decoder.decode(ours())).isEqualTo(Events.event(1, 1));
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, Long.MAX_VALUE, Integer.MAX_VALUE})
    @DisplayName("30 · bytes that say another length than they have are malformed, without the memory they ask for")
    void bytesThatLieAreMalformed(long length) throws Exception {
        UserEventDecoder decoder = decoder(BYTES);
        assertThatThrownBy(() -> decoder.decode(after(length)))
                .isInstanceOfSatisfying(
                        Undecodable.class, e -> assertThat(e.reason()).isEqualTo(Reason.MALFORMED));
        assertThat(decoder.decode(ours())).isEqualTo(Events.event(1, 1));
    }

    @Test
    @DisplayName("30 · a schema whose array items take no bytes has no bound but the length it says: not read at all")
    void itemsWithoutBytesAreNotCounted() {
        assertThatThrownBy(() -> decoder(NOTHINGS).decode(after(Long.MAX_VALUE)))
                .isInstanceOfSatisfying(
                        Undecodable.class, e -> assertThat(e.reason()).isEqualTo(Reason.UNKNOWN_SCHEMA));
        assertThatThrownBy(() -> decoder(EMPTY_RECORDS).decode(after(Long.MAX_VALUE)))
                .isInstanceOfSatisfying(
                        Undecodable.class, e -> assertThat(e.reason()).isEqualTo(Reason.UNKNOWN_SCHEMA));
    }

    @Test
    @DisplayName("30 · a schema that holds itself for ever is malformed data, not a full stack")
    void aSchemaWithoutEndIsUndecodable() {
        Schema endless = new Schema.Parser().parse("""
                {"type":"array","items":{"type":"record","name":"Endless","fields":[{"name":"again","type":"Endless"}]}}""");
        assertThatThrownBy(() -> decoder(endless).decode(after(1))).isInstanceOf(Undecodable.class);
    }

    private static UserEventDecoder decoder(Schema first) {
        SchemaBuilder.FieldAssembler<Schema> fields =
                SchemaBuilder.record("UserEvent").namespace("io.tributary").fields();
        fields.name("theirs").type(first).noDefault();
        for (Schema.Field field : UserEventSchema.schema().getFields()) {
            fields.name(field.name()).type(field.schema()).noDefault();
        }
        return new UserEventDecoder(Map.of(7, UserEventSchema.schema(), 8, fields.endRecord())::get);
    }

    /** A record of the writer: the length, and the bytes of one of ours. */
    private static byte[] after(long length) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        BinaryEncoder out = EncoderFactory.get().binaryEncoder(bytes, null);
        out.writeLong(length);
        if (length < 0) {
            out.writeLong(length); // a negative count is followed by the block's size in bytes
        }
        out.flush();
        bytes.write(new UserEventEncoder().body(Events.event(1, 1)));
        return UserEventEncoder.framed(8, bytes.toByteArray());
    }

    private static byte[] ours() {
        return UserEventEncoder.framed(7, new UserEventEncoder().body(Events.event(1, 1)));
    }
}

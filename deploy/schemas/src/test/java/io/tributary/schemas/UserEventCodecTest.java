package io.tributary.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UserEventCodecTest {
    private final UserEventEncoder encoder = new UserEventEncoder();
    private final UserEventDecoder decoder = new UserEventDecoder(Map.of(7, UserEventSchema.schema())::get);

    @Test
    void anEventIsReadBackAsItWasWritten() throws Exception {
        // Given
        UserEvent event = Events.event(3, 17);
        // When
        UserEvent read = decoder.decode(UserEventEncoder.framed(7, encoder.body(event)));
        // Then
        assertThat(read).isEqualTo(event);
    }

    @Test
    void anEventThatCanNotBeWrittenLeavesNothingInTheNext() {
        // Given a time that has no microseconds in 64 bits, in the seventh field
        UserEvent good = Events.event(3, 18);
        UserEvent never = new UserEvent(
                good.runId(), 3, 17, 1000, good.capturedAt(), good.windowStart(), Instant.MAX, good.user());
        byte[] alone = encoder.body(good);
        // When
        assertThatThrownBy(() -> encoder.body(never)).isInstanceOf(ArithmeticException.class);
        // Then
        assertThat(encoder.body(good)).isEqualTo(alone);
    }

    @Test
    void theBytesAreThoseOfAvrosOwnWriter() throws IOException {
        // Given
        byte[] body = encoder.body(Events.event(3, 17));
        GenericRecord record = new GenericDatumReader<GenericRecord>(UserEventSchema.schema())
                .read(null, DecoderFactory.get().binaryDecoder(body, null));
        // When
        byte[] avro = write(record);
        // Then
        assertThat(body).isEqualTo(avro);
        assertThat(record.get("first_name")).hasToString("Zoë نگین");
        assertThat(record.get("picture")).hasToString("https://example.com/1.jpg");
        assertThat(record.get("registered_age")).isEqualTo(11);
    }

    @Test
    void aWriterWithOneFieldMoreAndOneFieldLessIsResolved() throws Exception {
        // Given
        Schema pinned = UserEventSchema.schema();
        SchemaBuilder.FieldAssembler<Schema> fields =
                SchemaBuilder.record("UserEvent").namespace("io.tributary").fields();
        for (Schema.Field field : pinned.getFields()) {
            if (!field.name().equals("picture")) {
                fields.name(field.name()).type(field.schema()).noDefault();
            }
        }
        Schema writer = fields.name("nickname").type().stringType().noDefault().endRecord();
        GenericRecord ours = new GenericDatumReader<GenericRecord>(pinned)
                .read(null, DecoderFactory.get().binaryDecoder(encoder.body(Events.event(1, 2)), null));
        GenericData.Record theirs = new GenericData.Record(writer);
        writer.getFields().forEach(f -> theirs.put(f.name(), f.name().equals("nickname") ? "Zo" : ours.get(f.name())));
        UserEventDecoder mixed = new UserEventDecoder(Map.of(7, pinned, 8, writer)::get);
        // When
        UserEvent fromTheirs = mixed.decode(UserEventEncoder.framed(8, write(theirs)));
        UserEvent fromOurs = mixed.decode(UserEventEncoder.framed(7, encoder.body(Events.event(1, 2))));
        // Then
        assertThat(fromTheirs.user().picture()).isNull();
        assertThat(fromTheirs.user().idName()).isEqualTo(fromOurs.user().idName());
        assertThat(fromTheirs.user().userId()).isEqualTo(fromOurs.user().userId());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 5, 6, 40, 100, 200})
    void aCutValueIsUndecodableAndTheNextOneIsRead(int length) throws Exception {
        // Given
        byte[] whole = UserEventEncoder.framed(7, encoder.body(Events.event(1, 1)));
        // When
        assertThatThrownBy(() -> decoder.decode(Arrays.copyOf(whole, length)))
                // Then
                .isInstanceOf(UserEventDecoder.Undecodable.class);
        assertThat(decoder.decode(whole)).isEqualTo(Events.event(1, 1));
    }

    @Test
    void eachWayToBeUndecodableHasItsReason() {
        byte[] whole = UserEventEncoder.framed(7, encoder.body(Events.event(1, 1)));
        assertThat(reasonOf(null)).isEqualTo(UserEventDecoder.Reason.EMPTY);
        assertThat(reasonOf(new byte[0])).isEqualTo(UserEventDecoder.Reason.EMPTY);
        assertThat(reasonOf("{\"json\":1}".getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(UserEventDecoder.Reason.WRONG_MAGIC);
        assertThat(reasonOf(UserEventEncoder.framed(99, encoder.body(Events.event(1, 1)))))
                .isEqualTo(UserEventDecoder.Reason.UNKNOWN_SCHEMA);
        assertThat(reasonOf(Arrays.copyOf(whole, whole.length + 1))).isEqualTo(UserEventDecoder.Reason.MALFORMED);
        assertThat(reasonOf(new byte[UserEventDecoder.MAX_VALUE_BYTES + 1]))
                .isEqualTo(UserEventDecoder.Reason.TOO_LARGE);
    }

    @Test
    void everyFieldOfTheSchemaHasADocAndNoneIsACredential() {
        assertThat(UserEventSchema.schema().getFields())
                .allSatisfy(field -> assertThat(field.doc()).isNotBlank())
                .noneSatisfy(field -> assertThat(field.name()).containsAnyOf("password", "salt", "md5", "sha"));
    }

    private UserEventDecoder.Reason reasonOf(byte[] value) {
        try {
            decoder.decode(value);
            throw new AssertionError("was decoded");
        } catch (UserEventDecoder.Undecodable e) {
            return e.reason();
        }
    }

    private static byte[] write(GenericRecord record) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        var out = EncoderFactory.get().binaryEncoder(bytes, null);
        new GenericDatumWriter<GenericRecord>(record.getSchema()).write(record, out);
        out.flush();
        return bytes.toByteArray();
    }
}

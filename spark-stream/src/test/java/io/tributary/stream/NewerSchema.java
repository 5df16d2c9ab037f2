package io.tributary.stream;

import io.tributary.schemas.UserEvent;
import io.tributary.schemas.UserEventEncoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;

/** What a later ingest may send: a schema with one more optional field, in the middle, where a reader of the old one trips. */
final class NewerSchema {
    private static final String FIELD = "nickname";

    private NewerSchema() {}

    /** @param doc makes it one that no registry has seen */
    static Schema of(Schema older, String doc) {
        List<Schema.Field> fields = new ArrayList<>();
        for (Schema.Field field : older.getFields()) {
            if (!field.name().equals(FIELD)) {
                fields.add(new Schema.Field(field, field.schema()));
            }
            if (field.name().equals("gender")) {
                Schema optional =
                        Schema.createUnion(Schema.create(Schema.Type.NULL), Schema.create(Schema.Type.STRING));
                fields.add(new Schema.Field(FIELD, optional, doc, Schema.Field.NULL_DEFAULT_VALUE));
            }
        }
        return Schema.createRecord(older.getName(), doc, older.getNamespace(), false, fields);
    }

    static byte[] framed(int id, Schema newer, UserEvent event) throws IOException {
        Schema older = io.tributary.schemas.UserEventSchema.schema();
        byte[] body = new UserEventEncoder().body(event);
        GenericRecord record = new GenericDatumReader<GenericRecord>(older, newer, new GenericData())
                .read(null, DecoderFactory.get().binaryDecoder(body, null));
        record.put(FIELD, event.position() % 3 == 0 ? null : "Zoë " + event.position());
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        BinaryEncoder out = EncoderFactory.get().binaryEncoder(bytes, null);
        new GenericDatumWriter<GenericRecord>(newer, new GenericData()).write(record, out);
        out.flush();
        return UserEventEncoder.framed(id, bytes.toByteArray());
    }
}

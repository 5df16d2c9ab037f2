package io.tributary.ingest.source;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Reads the values of one user's fields. A value that can not be kept is read to its end all the same and is null then; the
 * first of them, in the order of the bytes, is remembered as the fault. A null of the source is null and no fault.
 */
final class FieldReader {
    /** Characters (UTF-16 units) of a text that is kept. */
    static final int MAX_TEXT = 10_000;

    private static final int MAX_LONG_DIGITS = 18;
    private static final int UUID_LENGTH = 36;

    /** Reads the value of one field, which the parser stands at, or skips it. */
    @FunctionalInterface
    interface Member {
        void read(String name) throws IOException;
    }

    private final JsonParser json;
    private final Set<UserField> seen = EnumSet.noneOf(UserField.class);
    private @Nullable String fault;

    FieldReader(JsonParser json) {
        this.json = json;
    }

    /** The object that the parser stands at, member by member. */
    void members(Member member) throws IOException {
        for (String name = next(); name != null; name = next()) {
            member.read(name);
        }
    }

    /** The same for a field that has to be an object. */
    void object(UserField field, Member member) throws IOException {
        if (isObject(field)) {
            members(member);
        }
    }

    /** A value that nobody asked for. */
    void skip() throws IOException {
        json.skipChildren();
    }

    /** The first fault; null as long as there is none. */
    @Nullable
    String fault() {
        return fault;
    }

    /** Moves to the next field's value; null at the object's end. */
    private @Nullable String next() throws IOException {
        String name = json.nextFieldName();
        if (name != null) {
            json.nextToken();
        }
        return name;
    }

    private boolean isObject(UserField field) throws IOException {
        once(field);
        if (json.currentToken() == JsonToken.START_OBJECT) {
            return true;
        }
        refuseUnlessNull(field, "not an object");
        return false;
    }

    @Nullable
    String text(UserField field) throws IOException {
        once(field);
        if (json.currentToken() == JsonToken.VALUE_STRING) {
            return storable(field);
        }
        refuseUnlessNull(field, "not a text");
        return null;
    }

    @Nullable
    String textOrNumber(UserField field) throws IOException {
        once(field);
        if (json.currentToken() == JsonToken.VALUE_STRING || (isNumber() && !json.isNaN())) {
            return storable(field);
        }
        refuseUnlessNull(field, "neither text nor number");
        return null;
    }

    /** The text at hand, exactly as written, if every store can hold it. */
    private @Nullable String storable(UserField field) throws IOException {
        int length = json.getTextLength();
        if (length > MAX_TEXT) {
            return fault(field, "longer than " + MAX_TEXT + " characters");
        }
        char[] chars = json.getTextCharacters();
        int from = json.getTextOffset();
        for (int i = from; i < from + length; i++) {
            char c = chars[i];
            if (c == 0) {
                return fault(field, "holds \\u0000");
            }
            if (Character.isSurrogate(c)) {
                boolean isPair = i + 1 < from + length && Character.isSurrogatePair(c, chars[i + 1]);
                if (!isPair) {
                    return fault(field, "holds a lone surrogate");
                }
                i++;
            }
        }
        return new String(chars, from, length);
    }

    @Nullable
    Integer wholeNumber(UserField field, int least, int most) throws IOException {
        once(field);
        if (json.currentToken() != JsonToken.VALUE_NUMBER_INT) {
            refuseUnlessNull(field, "not a whole number");
            return null;
        }
        // the length first: a number of a million digits is not worth its conversion
        long value = json.getTextLength() <= MAX_LONG_DIGITS ? json.getLongValue() : Long.MAX_VALUE;
        if (value < least || value > most) {
            fault(field, "not within " + least + ".." + most);
            return null;
        }
        return (int) value;
    }

    @Nullable
    Double degrees(UserField field, int most) throws IOException {
        once(field);
        if (json.currentToken() != JsonToken.VALUE_STRING && !isNumber()) {
            refuseUnlessNull(field, "not a number");
            return null;
        }
        double value = Decimal.parse(json.getTextCharacters(), json.getTextOffset(), json.getTextLength());
        if (Double.isNaN(value)) {
            fault(field, "not a number");
            return null;
        }
        if (value < -most || value > most) {
            fault(field, "not within -" + most + ".." + most);
            return null;
        }
        return value;
    }

    @Nullable
    Instant date(UserField field) throws IOException {
        once(field);
        if (json.currentToken() != JsonToken.VALUE_STRING) {
            refuseUnlessNull(field, "not a date");
            return null;
        }
        long millis = SourceDate.epochMillis(json.getTextCharacters(), json.getTextOffset(), json.getTextLength());
        if (millis == SourceDate.NOT_A_DATE) {
            fault(field, "not a date");
            return null;
        }
        return Instant.ofEpochMilli(millis);
    }

    /** 8-4-4-4-12 hexadecimal digits and nothing else; {@link UUID#fromString} is more generous. */
    @Nullable
    UUID uuid(UserField field) throws IOException {
        once(field);
        if (json.currentToken() != JsonToken.VALUE_STRING) {
            refuseUnlessNull(field, "not a uuid");
            return null;
        }
        char[] chars = json.getTextCharacters();
        int from = json.getTextOffset();
        if (json.getTextLength() != UUID_LENGTH) {
            fault(field, "not a uuid");
            return null;
        }
        long most = 0;
        long least = 0;
        for (int i = 0; i < UUID_LENGTH; i++) {
            char c = chars[from + i];
            if (i == 8 || i == 13 || i == 18 || i == 23) {
                if (c != '-') {
                    fault(field, "not a uuid");
                    return null;
                }
                continue;
            }
            int digit = c < 128 ? Character.digit(c, 16) : -1;
            if (digit < 0) {
                fault(field, "not a uuid");
                return null;
            }
            if (i < 18) {
                most = (most << 4) | digit;
            } else {
                least = (least << 4) | digit;
            }
        }
        return new UUID(most, least);
    }

    private boolean isNumber() {
        return json.currentToken() == JsonToken.VALUE_NUMBER_INT || json.currentToken() == JsonToken.VALUE_NUMBER_FLOAT;
    }

    private void once(UserField field) {
        if (!seen.add(field)) {
            fault(field, "twice");
        }
    }

    private void refuseUnlessNull(UserField field, String why) throws IOException {
        if (json.currentToken() != JsonToken.VALUE_NULL) {
            fault(field, why);
            json.skipChildren();
        }
    }

    /** Keeps the first fault; null, for the value that is not there. */
    @Nullable
    String fault(UserField field, String why) {
        if (fault == null) {
            fault = field.path + ": " + why;
        }
        return null;
    }
}

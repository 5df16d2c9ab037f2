package io.tributary.ingest.source;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.tributary.ingest.model.DeadUser;
import io.tributary.ingest.model.PlacedUser;
import io.tributary.schemas.User;
import java.io.IOException;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Reads one user. A fault is remembered, the object is read to its end all the same and the user becomes a dead letter; the
 * first fault in the order of the bytes is the reason, what is missing comes last. Fields that nobody asked for are
 * skipped; passwords, salts and hashes are never made a text.
 */
final class UserReader {
    /** Characters (UTF-16 units) of a text that is kept. */
    static final int MAX_TEXT = 10_000;

    private static final int MAX_AGE = 150;
    private static final int MAX_LONG_DIGITS = 18;
    private static final int UUID_LENGTH = 36;

    /** What is kept, by its path in the source's JSON. A path that comes twice in one user is a fault. */
    private enum Field {
        GENDER("gender"),
        NAME("name"),
        NAME_TITLE("name.title"),
        NAME_FIRST("name.first"),
        NAME_LAST("name.last"),
        LOCATION("location"),
        STREET("location.street"),
        STREET_NUMBER("location.street.number"),
        STREET_NAME("location.street.name"),
        CITY("location.city"),
        STATE("location.state"),
        COUNTRY("location.country"),
        POSTCODE("location.postcode"),
        COORDINATES("location.coordinates"),
        LATITUDE("location.coordinates.latitude"),
        LONGITUDE("location.coordinates.longitude"),
        TIMEZONE("location.timezone"),
        TIMEZONE_OFFSET("location.timezone.offset"),
        TIMEZONE_DESCRIPTION("location.timezone.description"),
        EMAIL("email"),
        LOGIN("login"),
        LOGIN_UUID("login.uuid"),
        LOGIN_USERNAME("login.username"),
        DOB("dob"),
        DOB_DATE("dob.date"),
        DOB_AGE("dob.age"),
        REGISTERED("registered"),
        REGISTERED_DATE("registered.date"),
        REGISTERED_AGE("registered.age"),
        PHONE("phone"),
        CELL("cell"),
        ID("id"),
        ID_NAME("id.name"),
        ID_VALUE("id.value"),
        PICTURE("picture"),
        PICTURE_LARGE("picture.large"),
        NAT("nat");

        private final String path;

        Field(String path) {
            this.path = path;
        }
    }

    private final JsonParser json;
    private final Set<Field> seen = EnumSet.noneOf(Field.class);
    private @Nullable String fault;
    private @Nullable UUID userId;
    private @Nullable String nationality;
    private @Nullable String gender;
    private @Nullable String title;
    private @Nullable String firstName;
    private @Nullable String lastName;
    private @Nullable Integer streetNumber;
    private @Nullable String streetName;
    private @Nullable String city;
    private @Nullable String state;
    private @Nullable String country;
    private @Nullable String postcode;
    private @Nullable Double latitude;
    private @Nullable Double longitude;
    private @Nullable String timezoneOffset;
    private @Nullable String timezone;
    private @Nullable String email;
    private @Nullable String username;
    private @Nullable Instant bornAt;
    private @Nullable Integer age;
    private @Nullable Instant registeredAt;
    private @Nullable Integer registeredAge;
    private @Nullable String phone;
    private @Nullable String cell;
    private @Nullable String idName;
    private @Nullable String idValue;
    private @Nullable String picture;

    UserReader(JsonParser json) {
        this.json = json;
    }

    /** Reads the object that the parser stands at into one of the lists. Once. */
    void read(int position, List<PlacedUser> users, List<DeadUser> dead) throws IOException {
        user();
        User user = whole();
        if (user != null) {
            users.add(new PlacedUser(position, user));
        } else {
            dead.add(new DeadUser(position, Objects.requireNonNull(fault, "a reason")));
        }
    }

    private void user() throws IOException {
        for (String name = next(); name != null; name = next()) {
            switch (name) {
                case "gender" -> gender = gender();
                case "name" -> name();
                case "location" -> location();
                case "email" -> email = text(Field.EMAIL);
                case "login" -> login();
                case "dob" -> dob();
                case "registered" -> registered();
                case "phone" -> phone = text(Field.PHONE);
                case "cell" -> cell = text(Field.CELL);
                case "id" -> id();
                case "picture" -> picture();
                case "nat" -> nationality = nationality();
                default -> json.skipChildren();
            }
        }
    }

    private void name() throws IOException {
        if (!isObject(Field.NAME)) {
            return;
        }
        for (String name = next(); name != null; name = next()) {
            switch (name) {
                case "title" -> title = text(Field.NAME_TITLE);
                case "first" -> firstName = text(Field.NAME_FIRST);
                case "last" -> lastName = text(Field.NAME_LAST);
                default -> json.skipChildren();
            }
        }
    }

    private void location() throws IOException {
        if (!isObject(Field.LOCATION)) {
            return;
        }
        for (String name = next(); name != null; name = next()) {
            switch (name) {
                case "street" -> street();
                case "city" -> city = text(Field.CITY);
                case "state" -> state = text(Field.STATE);
                case "country" -> country = text(Field.COUNTRY);
                case "postcode" -> postcode = textOrNumber(Field.POSTCODE);
                case "coordinates" -> coordinates();
                case "timezone" -> timezone();
                default -> json.skipChildren();
            }
        }
    }

    private void street() throws IOException {
        if (!isObject(Field.STREET)) {
            return;
        }
        for (String name = next(); name != null; name = next()) {
            switch (name) {
                case "number" -> streetNumber = wholeNumber(Field.STREET_NUMBER, Integer.MIN_VALUE, Integer.MAX_VALUE);
                case "name" -> streetName = text(Field.STREET_NAME);
                default -> json.skipChildren();
            }
        }
    }

    private void coordinates() throws IOException {
        if (!isObject(Field.COORDINATES)) {
            return;
        }
        for (String name = next(); name != null; name = next()) {
            switch (name) {
                case "latitude" -> latitude = degrees(Field.LATITUDE, 90);
                case "longitude" -> longitude = degrees(Field.LONGITUDE, 180);
                default -> json.skipChildren();
            }
        }
    }

    private void timezone() throws IOException {
        if (!isObject(Field.TIMEZONE)) {
            return;
        }
        for (String name = next(); name != null; name = next()) {
            switch (name) {
                case "offset" -> timezoneOffset = text(Field.TIMEZONE_OFFSET);
                case "description" -> timezone = text(Field.TIMEZONE_DESCRIPTION);
                default -> json.skipChildren();
            }
        }
    }

    private void login() throws IOException {
        if (!isObject(Field.LOGIN)) {
            return;
        }
        for (String name = next(); name != null; name = next()) {
            switch (name) {
                case "uuid" -> userId = uuid(Field.LOGIN_UUID);
                case "username" -> username = text(Field.LOGIN_USERNAME);
                default -> json.skipChildren(); // credentials among them: not decoded
            }
        }
    }

    private void dob() throws IOException {
        if (!isObject(Field.DOB)) {
            return;
        }
        for (String name = next(); name != null; name = next()) {
            switch (name) {
                case "date" -> bornAt = date(Field.DOB_DATE);
                case "age" -> age = wholeNumber(Field.DOB_AGE, 0, MAX_AGE);
                default -> json.skipChildren();
            }
        }
    }

    private void registered() throws IOException {
        if (!isObject(Field.REGISTERED)) {
            return;
        }
        for (String name = next(); name != null; name = next()) {
            switch (name) {
                case "date" -> registeredAt = date(Field.REGISTERED_DATE);
                case "age" -> registeredAge = wholeNumber(Field.REGISTERED_AGE, 0, MAX_AGE);
                default -> json.skipChildren();
            }
        }
    }

    private void id() throws IOException {
        if (!isObject(Field.ID)) {
            return;
        }
        for (String name = next(); name != null; name = next()) {
            switch (name) {
                case "name" -> idName = text(Field.ID_NAME);
                case "value" -> idValue = text(Field.ID_VALUE);
                default -> json.skipChildren();
            }
        }
    }

    private void picture() throws IOException {
        if (!isObject(Field.PICTURE)) {
            return;
        }
        for (String name = next(); name != null; name = next()) {
            switch (name) {
                case "large" -> picture = text(Field.PICTURE_LARGE);
                default -> json.skipChildren();
            }
        }
    }

    /** The user, or null with the reason in {@code fault}. */
    private @Nullable User whole() {
        if (userId == null) {
            fault(Field.LOGIN_UUID, "missing");
        }
        if (nationality == null) {
            fault(Field.NAT, "missing");
        }
        if (gender == null) {
            fault(Field.GENDER, "missing");
        }
        if (fault != null || userId == null || nationality == null || gender == null) {
            return null;
        }
        return new User(
                userId,
                nationality,
                gender,
                title,
                firstName,
                lastName,
                streetNumber,
                streetName,
                city,
                state,
                country,
                postcode,
                latitude,
                longitude,
                timezoneOffset,
                timezone,
                email,
                username,
                bornAt,
                age,
                registeredAt,
                registeredAge,
                phone,
                cell,
                idName,
                idValue,
                picture);
    }

    /** Moves to the next field's value; null at the object's end. */
    private @Nullable String next() throws IOException {
        String name = json.nextFieldName();
        if (name != null) {
            json.nextToken();
        }
        return name;
    }

    private boolean isObject(Field field) throws IOException {
        once(field);
        if (json.currentToken() == JsonToken.START_OBJECT) {
            return true;
        }
        refuseUnlessNull(field, "not an object");
        return false;
    }

    private @Nullable String text(Field field) throws IOException {
        once(field);
        if (json.currentToken() == JsonToken.VALUE_STRING) {
            return storable(field);
        }
        refuseUnlessNull(field, "not a text");
        return null;
    }

    private @Nullable String textOrNumber(Field field) throws IOException {
        once(field);
        if (json.currentToken() == JsonToken.VALUE_STRING || (isNumber() && !json.isNaN())) {
            return storable(field);
        }
        refuseUnlessNull(field, "neither text nor number");
        return null;
    }

    /** The text at hand, exactly as written, if every store can hold it. */
    private @Nullable String storable(Field field) throws IOException {
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

    private @Nullable String gender() throws IOException {
        String text = text(Field.GENDER);
        if (text == null) {
            return null;
        }
        return switch (text) {
            case "female" -> "female"; // the constant, not 5,000 copies
            case "male" -> "male";
            default -> fault(Field.GENDER, "neither female nor male");
        };
    }

    private @Nullable String nationality() throws IOException {
        String text = text(Field.NAT);
        if (text == null) {
            return null;
        }
        boolean isTwoLetters = text.length() == 2 && isUpperCase(text.charAt(0)) && isUpperCase(text.charAt(1));
        return isTwoLetters ? text : fault(Field.NAT, "not two letters A-Z");
    }

    private static boolean isUpperCase(char c) {
        return c >= 'A' && c <= 'Z';
    }

    private @Nullable Integer wholeNumber(Field field, int least, int most) throws IOException {
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

    private @Nullable Double degrees(Field field, int most) throws IOException {
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

    private @Nullable Instant date(Field field) throws IOException {
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
    private @Nullable UUID uuid(Field field) throws IOException {
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

    private void once(Field field) {
        if (!seen.add(field)) {
            fault(field, "twice");
        }
    }

    private void refuseUnlessNull(Field field, String why) throws IOException {
        if (json.currentToken() != JsonToken.VALUE_NULL) {
            fault(field, why);
            json.skipChildren();
        }
    }

    /** Keeps the first fault; null, for the value that is not there. */
    private @Nullable String fault(Field field, String why) {
        if (fault == null) {
            fault = field.path + ": " + why;
        }
        return null;
    }
}

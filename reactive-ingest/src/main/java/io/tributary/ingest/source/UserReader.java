package io.tributary.ingest.source;

import com.fasterxml.jackson.core.JsonParser;
import io.tributary.ingest.model.DeadUser;
import io.tributary.ingest.model.PlacedUser;
import io.tributary.schemas.User;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Reads one user. A fault is remembered, the object is read to its end all the same and the user becomes a dead letter; the
 * first fault in the order of the bytes is the reason, what is missing comes last. Fields that nobody asked for are
 * skipped; passwords, salts and hashes are never made a text.
 */
final class UserReader {
    private static final int MAX_AGE = 150;

    private final FieldReader fields;
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
        fields = new FieldReader(json);
    }

    /** Reads the object that the parser stands at into one of the lists. Once. */
    void read(int position, List<PlacedUser> users, List<DeadUser> dead) throws IOException {
        user();
        User user = whole();
        if (user != null) {
            users.add(new PlacedUser(position, user));
        } else {
            dead.add(new DeadUser(position, Objects.requireNonNull(fields.fault(), "a reason")));
        }
    }

    private void user() throws IOException {
        fields.members(name -> {
            switch (name) {
                case "gender" -> gender = gender();
                case "name" -> name();
                case "location" -> location();
                case "email" -> email = fields.text(UserField.EMAIL);
                case "login" -> login();
                case "dob" -> dob();
                case "registered" -> registered();
                case "phone" -> phone = fields.text(UserField.PHONE);
                case "cell" -> cell = fields.text(UserField.CELL);
                case "id" -> id();
                case "picture" -> picture();
                case "nat" -> nationality = nationality();
                default -> fields.skip();
            }
        });
    }

    private void name() throws IOException {
        fields.object(UserField.NAME, name -> {
            switch (name) {
                case "title" -> title = fields.text(UserField.NAME_TITLE);
                case "first" -> firstName = fields.text(UserField.NAME_FIRST);
                case "last" -> lastName = fields.text(UserField.NAME_LAST);
                default -> fields.skip();
            }
        });
    }

    private void location() throws IOException {
        fields.object(UserField.LOCATION, name -> {
            switch (name) {
                case "street" -> street();
                case "city" -> city = fields.text(UserField.CITY);
                case "state" -> state = fields.text(UserField.STATE);
                case "country" -> country = fields.text(UserField.COUNTRY);
                case "postcode" -> postcode = fields.textOrNumber(UserField.POSTCODE);
                case "coordinates" -> coordinates();
                case "timezone" -> timezone();
                default -> fields.skip();
            }
        });
    }

    private void street() throws IOException {
        fields.object(UserField.STREET, name -> {
            switch (name) {
                case "number" ->
                    streetNumber = fields.wholeNumber(UserField.STREET_NUMBER, Integer.MIN_VALUE, Integer.MAX_VALUE);
                case "name" -> streetName = fields.text(UserField.STREET_NAME);
                default -> fields.skip();
            }
        });
    }

    private void coordinates() throws IOException {
        fields.object(UserField.COORDINATES, name -> {
            switch (name) {
                case "latitude" -> latitude = fields.degrees(UserField.LATITUDE, 90);
                case "longitude" -> longitude = fields.degrees(UserField.LONGITUDE, 180);
                default -> fields.skip();
            }
        });
    }

    private void timezone() throws IOException {
        fields.object(UserField.TIMEZONE, name -> {
            switch (name) {
                case "offset" -> timezoneOffset = fields.text(UserField.TIMEZONE_OFFSET);
                case "description" -> timezone = fields.text(UserField.TIMEZONE_DESCRIPTION);
                default -> fields.skip();
            }
        });
    }

    private void login() throws IOException {
        fields.object(UserField.LOGIN, name -> {
            switch (name) {
                case "uuid" -> userId = fields.uuid(UserField.LOGIN_UUID);
                case "username" -> username = fields.text(UserField.LOGIN_USERNAME);
                default -> fields.skip(); // credentials among them: not decoded
            }
        });
    }

    private void dob() throws IOException {
        fields.object(UserField.DOB, name -> {
            switch (name) {
                case "date" -> bornAt = fields.date(UserField.DOB_DATE);
                case "age" -> age = fields.wholeNumber(UserField.DOB_AGE, 0, MAX_AGE);
                default -> fields.skip();
            }
        });
    }

    private void registered() throws IOException {
        fields.object(UserField.REGISTERED, name -> {
            switch (name) {
                case "date" -> registeredAt = fields.date(UserField.REGISTERED_DATE);
                case "age" -> registeredAge = fields.wholeNumber(UserField.REGISTERED_AGE, 0, MAX_AGE);
                default -> fields.skip();
            }
        });
    }

    private void id() throws IOException {
        fields.object(UserField.ID, name -> {
            switch (name) {
                case "name" -> idName = fields.text(UserField.ID_NAME);
                case "value" -> idValue = fields.text(UserField.ID_VALUE);
                default -> fields.skip();
            }
        });
    }

    private void picture() throws IOException {
        fields.object(UserField.PICTURE, name -> {
            switch (name) {
                case "large" -> picture = fields.text(UserField.PICTURE_LARGE);
                default -> fields.skip();
            }
        });
    }

    /** The user, or null with the reason in {@code fields}. */
    private @Nullable User whole() {
        if (userId == null) {
            fields.fault(UserField.LOGIN_UUID, "missing");
        }
        if (nationality == null) {
            fields.fault(UserField.NAT, "missing");
        }
        if (gender == null) {
            fields.fault(UserField.GENDER, "missing");
        }
        if (fields.fault() != null || userId == null || nationality == null || gender == null) {
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

    private @Nullable String gender() throws IOException {
        String text = fields.text(UserField.GENDER);
        if (text == null) {
            return null;
        }
        return switch (text) {
            case "female" -> "female"; // the constant, not 5,000 copies
            case "male" -> "male";
            default -> fields.fault(UserField.GENDER, "neither female nor male");
        };
    }

    private @Nullable String nationality() throws IOException {
        String text = fields.text(UserField.NAT);
        if (text == null) {
            return null;
        }
        boolean isTwoLetters = text.length() == 2 && isUpperCase(text.charAt(0)) && isUpperCase(text.charAt(1));
        return isTwoLetters ? text : fields.fault(UserField.NAT, "not two letters A-Z");
    }

    private static boolean isUpperCase(char c) {
        return c >= 'A' && c <= 'Z';
    }
}

package io.tributary.randomuser;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.io.SerializedString;
import java.io.IOException;
import java.security.MessageDigest;
import java.time.LocalDate;
import java.util.List;
import java.util.Set;

/**
 * Draws the people of one page and writes them straight as UTF-8. Every user and every member has a generator of its own:
 * the same seed gives the same person at a position, whatever {@code results}, {@code inc} and {@code exc} ask for.
 *
 * <p>For one page and one thread.
 */
final class UserWriter {
    /** 1944-08-25, the oldest date of birth of the source. */
    private static final long OLDEST_BIRTH_MILLIS = -800_000_000_000L;

    /** 2022-05-23, the source's constant "now": nobody registered later. */
    private static final long LATEST_MILLIS = 1_653_344_189_000L;

    private static final long LATEST_BIRTH_MILLIS = LATEST_MILLIS - 86_400_000L * 365 * 21;
    private static final long EARLIEST_REGISTRATION_MILLIS = 1_016_688_461_000L;
    private static final String SALT_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ1234567890";
    private static final String PORTRAITS = "https://randomuser.me/api/portraits/";
    private static final SerializedString MALE = Pool.encoded("male");
    private static final SerializedString FEMALE = Pool.encoded("female");

    private final Pools pools;
    private final List<Nationality> nationalities;
    private final Query query;
    private final Set<Field> fields;
    private final LocalDate today;
    private final JsonGenerator json;
    private final Digests digests = Digests.create();
    private final Ascii text = new Ascii();

    UserWriter(Pools pools, Query query, LocalDate today, JsonGenerator json) {
        this.pools = pools;
        this.query = query;
        this.nationalities = query.nationalities().isEmpty() ? Nationality.ALL : query.nationalities();
        this.fields = query.fields();
        this.today = today;
        this.json = json;
    }

    /** What several members of one user need. */
    private record Person(
            Nationality nationality, Pool pool, boolean male, Pool.Name first, Pool.Name last, Moment birth) {}

    void write(Draw user) throws IOException {
        Person person = person(user.fork());
        json.writeStartObject();
        for (Field field : Field.values()) {
            Draw draw = user.fork();
            if (fields.contains(field)) {
                json.writeFieldName(field.text);
                member(field, person, draw);
            }
        }
        json.writeEndObject();
    }

    private Person person(Draw draw) {
        Nationality nationality = nationalities.get(draw.below(nationalities.size()));
        Pool pool = pools.of(nationality);
        boolean drawnMale = draw.below(2) == 0;
        boolean male = query.male().orElse(drawnMale);
        return new Person(
                nationality,
                pool,
                male,
                draw.one(male ? pool.male() : pool.female()),
                draw.one(pool.last()),
                Moment.of(draw.between(OLDEST_BIRTH_MILLIS, LATEST_BIRTH_MILLIS)));
    }

    private void member(Field field, Person person, Draw draw) throws IOException {
        switch (field) {
            case GENDER -> json.writeString(person.male() ? MALE : FEMALE);
            case NAME -> name(person, draw);
            case LOCATION -> location(person, draw);
            case EMAIL -> {
                text.clear()
                        .add(person.first().ascii())
                        .add('.')
                        .add(person.last().ascii());
                write(text.add("@example.com"));
            }
            case LOGIN -> login(draw);
            case DOB -> date(person.birth());
            case REGISTERED -> date(Moment.of(draw.between(EARLIEST_REGISTRATION_MILLIS, LATEST_MILLIS)));
            case PHONE -> pattern(person.nationality().phone, person, draw);
            case CELL -> pattern(person.nationality().cell, person, draw);
            case ID -> id(person, draw);
            case PICTURE -> picture(person, draw);
            case NAT -> json.writeString(person.nationality().name());
        }
    }

    private void name(Person person, Draw draw) throws IOException {
        json.writeStartObject();
        json.writeFieldName(Names.TITLE);
        json.writeString(person.male() ? Words.MR : draw.one(Words.FEMALE_TITLES));
        json.writeFieldName(Names.FIRST);
        json.writeString(person.first().text());
        json.writeFieldName(Names.LAST);
        json.writeString(person.last().text());
        json.writeEndObject();
    }

    private void location(Person person, Draw draw) throws IOException {
        Pool pool = person.pool();
        json.writeStartObject();
        json.writeFieldName(Names.STREET);
        json.writeStartObject();
        json.writeFieldName(Names.NUMBER);
        json.writeNumber(draw.between(1, 9999));
        json.writeFieldName(Names.NAME);
        json.writeString(draw.one(pool.street()));
        json.writeEndObject();
        json.writeFieldName(Names.CITY);
        json.writeString(draw.one(pool.city()));
        json.writeFieldName(Names.STATE);
        json.writeString(draw.one(pool.state()));
        json.writeFieldName(Names.COUNTRY);
        json.writeString(pool.country());
        json.writeFieldName(Names.POSTCODE);
        String postcode = person.nationality().postcode;
        if (postcode == null) {
            json.writeNumber(draw.between(10_000, 99_999));
        } else {
            pattern(postcode, person, draw);
        }
        json.writeFieldName(Names.COORDINATES);
        json.writeStartObject();
        json.writeFieldName(Names.LATITUDE);
        write(degrees(draw.between(-900_000, 900_000)));
        json.writeFieldName(Names.LONGITUDE);
        write(degrees(draw.between(-1_800_000, 1_800_000)));
        json.writeEndObject();
        Words.Timezone timezone = draw.one(Words.TIMEZONES);
        json.writeFieldName(Names.TIMEZONE);
        json.writeStartObject();
        json.writeFieldName(Names.OFFSET);
        json.writeString(timezone.offset());
        json.writeFieldName(Names.DESCRIPTION);
        json.writeString(timezone.description());
        json.writeEndObject();
        json.writeEndObject();
    }

    private Ascii degrees(int tenThousandths) {
        int absolute = Math.abs(tenThousandths);
        text.clear();
        if (tenThousandths < 0) {
            text.add('-');
        }
        return text.number(absolute / 10_000).add('.').fourDigits(absolute % 10_000);
    }

    private void login(Draw draw) throws IOException {
        json.writeStartObject();
        json.writeFieldName(Names.UUID);
        write(uuid(draw.bits(), draw.bits()));
        json.writeFieldName(Names.USERNAME);
        text.clear().add(draw.one(Words.ADJECTIVES)).add(draw.one(Words.ANIMALS));
        write(text.number(draw.between(100, 999)));
        String password = draw.one(Words.PASSWORDS);
        json.writeFieldName(Names.PASSWORD);
        json.writeString(password);
        byte[] salted = new byte[password.length() + 8];
        for (int i = 0; i < salted.length; i++) {
            char c =
                    i < password.length() ? password.charAt(i) : SALT_LETTERS.charAt(draw.below(SALT_LETTERS.length()));
            salted[i] = (byte) c;
        }
        json.writeFieldName(Names.SALT);
        json.writeRawUTF8String(salted, password.length(), 8);
        json.writeFieldName(Names.MD5);
        write(digest(digests.md5(), salted));
        json.writeFieldName(Names.SHA1);
        write(digest(digests.sha1(), salted));
        json.writeFieldName(Names.SHA256);
        write(digest(digests.sha256(), salted));
        json.writeEndObject();
    }

    private Ascii digest(MessageDigest digest, byte[] salted) {
        return text.clear().hex(digest.digest(salted));
    }

    /** Version 4, variant 10. */
    private Ascii uuid(long high, long low) {
        text.clear()
                .hex(high >>> 32, 8)
                .add('-')
                .hex(high >>> 16, 4)
                .add("-4")
                .hex(high, 3)
                .add('-');
        return text.hex((low >>> 48 & 0x3FFF) | 0x8000, 4).add('-').hex(low, 12);
    }

    private void date(Moment moment) throws IOException {
        json.writeStartObject();
        json.writeFieldName(Names.DATE);
        moment.iso(text.clear());
        write(text);
        json.writeFieldName(Names.AGE);
        json.writeNumber(moment.yearsUntil(today));
        json.writeEndObject();
    }

    private void id(Person person, Draw draw) throws IOException {
        json.writeStartObject();
        json.writeFieldName(Names.NAME);
        json.writeString(person.nationality().idName);
        json.writeFieldName(Names.VALUE);
        String value = person.nationality().idValue;
        if (value == null) {
            json.writeNull();
        } else {
            pattern(value, person, draw);
        }
        json.writeEndObject();
    }

    private void picture(Person person, Draw draw) throws IOException {
        int portrait = draw.between(0, person.male() ? 99 : 96);
        json.writeStartObject();
        json.writeFieldName(Names.LARGE);
        write(portrait("", person, portrait));
        json.writeFieldName(Names.MEDIUM);
        write(portrait("med/", person, portrait));
        json.writeFieldName(Names.THUMBNAIL);
        write(portrait("thumb/", person, portrait));
        json.writeEndObject();
    }

    private Ascii portrait(String size, Person person, int portrait) {
        text.clear().add(PORTRAITS).add(size).add(person.male() ? "men/" : "women/");
        return text.number(portrait).add(".jpg");
    }

    private void pattern(String pattern, Person person, Draw draw) throws IOException {
        draw.pattern(pattern, person.birth(), person.male(), text.clear());
        write(text);
    }

    /** Nothing that is built in an {@link Ascii} ever needs an escape. */
    private void write(Ascii value) throws IOException {
        json.writeRawUTF8String(value.bytes(), 0, value.length());
    }

    /** The member names below a user's own. */
    private static final class Names {
        static final SerializedString TITLE = Pool.encoded("title");
        static final SerializedString FIRST = Pool.encoded("first");
        static final SerializedString LAST = Pool.encoded("last");
        static final SerializedString STREET = Pool.encoded("street");
        static final SerializedString NUMBER = Pool.encoded("number");
        static final SerializedString NAME = Pool.encoded("name");
        static final SerializedString CITY = Pool.encoded("city");
        static final SerializedString STATE = Pool.encoded("state");
        static final SerializedString COUNTRY = Pool.encoded("country");
        static final SerializedString POSTCODE = Pool.encoded("postcode");
        static final SerializedString COORDINATES = Pool.encoded("coordinates");
        static final SerializedString LATITUDE = Pool.encoded("latitude");
        static final SerializedString LONGITUDE = Pool.encoded("longitude");
        static final SerializedString TIMEZONE = Pool.encoded("timezone");
        static final SerializedString OFFSET = Pool.encoded("offset");
        static final SerializedString DESCRIPTION = Pool.encoded("description");
        static final SerializedString UUID = Pool.encoded("uuid");
        static final SerializedString USERNAME = Pool.encoded("username");
        static final SerializedString PASSWORD = Pool.encoded("password");
        static final SerializedString SALT = Pool.encoded("salt");
        static final SerializedString MD5 = Pool.encoded("md5");
        static final SerializedString SHA1 = Pool.encoded("sha1");
        static final SerializedString SHA256 = Pool.encoded("sha256");
        static final SerializedString DATE = Pool.encoded("date");
        static final SerializedString AGE = Pool.encoded("age");
        static final SerializedString VALUE = Pool.encoded("value");
        static final SerializedString LARGE = Pool.encoded("large");
        static final SerializedString MEDIUM = Pool.encoded("medium");
        static final SerializedString THUMBNAIL = Pool.encoded("thumbnail");

        private Names() {}
    }
}

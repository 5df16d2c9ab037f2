package io.tributary.ingest.source;

import static io.tributary.ingest.source.Bodies.FIRST_ID;
import static io.tributary.ingest.source.Bodies.SOURCE_PAGE;
import static io.tributary.ingest.source.Bodies.asked;
import static io.tributary.ingest.source.Bodies.bytes;
import static io.tributary.ingest.source.Bodies.changed;
import static io.tributary.ingest.source.Bodies.info;
import static io.tributary.ingest.source.Bodies.page;
import static io.tributary.ingest.source.Bodies.pageOf;
import static io.tributary.ingest.source.Bodies.pageWith;
import static io.tributary.ingest.source.Bodies.user;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.tributary.ingest.model.DeadUser;
import io.tributary.ingest.model.IngestException.Kind;
import io.tributary.ingest.model.IngestException.SourceFailed;
import io.tributary.ingest.model.PageRequest;
import io.tributary.ingest.model.ParsedPage;
import io.tributary.ingest.model.PlacedUser;
import io.tributary.schemas.User;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PageParserTest {

    @Test
    void everyKeptFieldOfAUserIsRead() {
        // Given
        byte[] body = bytes(page(user(0)));
        // When
        ParsedPage page = PageParser.parse(asked(1), body);
        // Then
        User expected = new User(
                FIRST_ID,
                "FR",
                "female",
                "Ms",
                "Ann",
                "آوا",
                9272,
                "Rue Bleue",
                "Lyon",
                "Rhône",
                "France",
                "60321",
                -18.5642,
                -104.4990,
                "-4:00",
                "Atlantic",
                "ann@example.com",
                "goose1",
                Instant.parse("2000-10-19T09:20:17.142Z"),
                26,
                Instant.parse("2015-02-03T04:05:06.007Z"),
                11,
                "01-02",
                "06-07",
                "INSEE",
                "2NN",
                "https://example.com/l.jpg");
        assertThat(page.users()).containsExactly(new PlacedUser(0, expected));
        assertThat(page.dead()).isEmpty();
    }

    @Test
    void credentialsAreNotPartOfWhatIsRead() {
        // When
        ParsedPage page = PageParser.parse(asked(1), bytes(page(user(0))));
        // Then
        assertThat(page.toString())
                .contains("goose1")
                .doesNotContain("hunter2", "S4lt", "d41d8cd9", "da39a3ee", "e3b0c442");
    }

    @Test
    void theSameBytesGiveTheSamePage() {
        // Given
        byte[] body = bytes(page(user(0), changed(user(1), "\"FR\"", "\"f\""), user(2)));
        // When
        ParsedPage first = PageParser.parse(asked(3), body);
        ParsedPage second = PageParser.parse(asked(3), body.clone());
        // Then
        assertThat(second).isEqualTo(first);
        assertThat(first.dead()).hasSize(1);
    }

    @Test
    void aPageOfTheLargestSizeKeepsEveryUserAtItsPosition() {
        // When
        ParsedPage page = PageParser.parse(asked(5_000), bytes(pageOf(5_000)));
        // Then
        assertThat(page.users()).hasSize(5_000);
        assertThat(page.users())
                .allSatisfy(placed -> assertThat(
                                placed.user().userId().getLeastSignificantBits() - FIRST_ID.getLeastSignificantBits())
                        .isEqualTo(placed.position()));
    }

    @Test
    void oneFaultyUserIsSetAsideAndTheOthersKeepTheirPositions() {
        // Given
        String faulty = changed(user(1), "\"age\":26", "\"age\":-5");
        // When
        ParsedPage page = PageParser.parse(asked(3), bytes(page(user(0), faulty, user(2))));
        // Then
        assertThat(page.users()).extracting(PlacedUser::position).containsExactly(0, 2);
        assertThat(page.dead()).containsExactly(new DeadUser(1, "dob.age: not within 0..150"));
    }

    @Tag("bad-input-22")
    @Tag("bad-input-23")
    @Tag("bad-input-24")
    @DisplayName("22, 23, 24 · a field that no store could hold")
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                // what identifies a user
                "`\"uuid\":\"00000000-0000-4000-8000-000000000000\",` | `` | login.uuid: missing",
                "`\"00000000-0000-4000-8000-000000000000\"` | null | login.uuid: missing",
                "`\"00000000-0000-4000-8000-000000000000\"` | 7 | login.uuid: not a uuid",
                "`\"00000000-0000-4000-8000-000000000000\"` | `\"\"` | login.uuid: not a uuid",
                "00000000-0000-4000-8000-000000000000 | 00000000-0000-4000-8000-00000000000 | login.uuid: not a uuid",
                "00000000-0000-4000-8000-000000000000 | 00000000-0000-4000-8000-00000000000g | login.uuid: not a uuid",
                "00000000-0000-4000-8000-000000000000 | 00000000+0000-4000-8000-000000000000 | login.uuid: not a uuid",
                "00000000-0000-4000-8000-000000000000 | 0000000-00000-4000-8000-000000000000 | login.uuid: not a uuid",
                "00000000-0000-4000-8000-000000000000 | +0000000-0000-4000-8000-000000000000 | login.uuid: not a uuid",
                "`,\"nat\":\"FR\"` | `` | nat: missing",
                "`\"nat\":\"FR\"` | `\"nat\":\"fr\"` | nat: not two letters A-Z",
                "`\"nat\":\"FR\"` | `\"nat\":\"FRA\"` | nat: not two letters A-Z",
                "`\"nat\":\"FR\"` | `\"nat\":\"ÉÉ\"` | nat: not two letters A-Z",
                "`\"nat\":\"FR\"` | `\"nat\":[]` | nat: not a text",
                "`\"gender\":\"female\",` | `` | gender: missing",
                "`\"female\"` | `\"other\"` | gender: neither female nor male",
                "`\"female\"` | 1 | gender: not a text",
                // texts no store can hold
                "Ann | A\\u0000nn | name.first: holds \\u0000",
                "Ann | A\\uD83Dnn | name.first: holds a lone surrogate",
                "Ann | Ann\\uD83D | name.first: holds a lone surrogate",
                "Ann | \\uDE00\\uD83D | name.first: holds a lone surrogate",
                "60321 | `\"6\\u0000\"` | location.postcode: holds \\u0000",
                // of another type
                "`\"first\":\"Ann\"` | `\"first\":{\"a\":[1]}` | name.first: not a text",
                "`\"first\":\"Ann\"` | `\"first\":7` | name.first: not a text",
                "60321 | true | location.postcode: neither text nor number",
                "60321 | [1] | location.postcode: neither text nor number",
                "`{\"name\":\"INSEE\",\"value\":\"2NN\"}` | `\"INSEE\"` | id: not an object",
                "`{\"name\":\"INSEE\",\"value\":\"2NN\"}` | `[{\"name\":1}]` | id: not an object",
                // numbers
                "9272 | 2147483648 | location.street.number: not within -2147483648..2147483647",
                "9272 | 1e3 | location.street.number: not a whole number",
                "9272 | 12.5 | location.street.number: not a whole number",
                "9272 | `\"9272\"` | location.street.number: not a whole number",
                "9272 | 99999999999999999999999999 | location.street.number: not within -2147483648..2147483647",
                "`\"age\":26` | `\"age\":-5` | dob.age: not within 0..150",
                "`\"age\":26` | `\"age\":151` | dob.age: not within 0..150",
                "`\"age\":26` | `\"age\":1e400` | dob.age: not a whole number",
                "`\"age\":11` | `\"age\":151` | registered.age: not within 0..150",
                "`\"-18.5642\"` | 1e400 | location.coordinates.latitude: not within -90..90",
                "`\"-18.5642\"` | `\"1e400\"` | location.coordinates.latitude: not within -90..90",
                "`\"-18.5642\"` | `\"90.0001\"` | location.coordinates.latitude: not within -90..90",
                "`\"-104.4990\"` | `\"-180.5\"` | location.coordinates.longitude: not within -180..180",
                "`\"-18.5642\"` | `\"NaN\"` | location.coordinates.latitude: not a number",
                "`\"-18.5642\"` | `\"\"` | location.coordinates.latitude: not a number",
                "`\"-18.5642\"` | false | location.coordinates.latitude: not a number",
                // dates
                "2000-10-19T09:20:17.142Z | 2021-02-30T09:20:17.142Z | dob.date: not a date",
                "2000-10-19T09:20:17.142Z | 2021-13-01T09:20:17.142Z | dob.date: not a date",
                "2000-10-19T09:20:17.142Z | 2021-01-01T25:20:17.142Z | dob.date: not a date",
                "2000-10-19T09:20:17.142Z | 2021-01-01 | dob.date: not a date",
                "2000-10-19T09:20:17.142Z | 2021-01-0xT09:20:17.142Z | dob.date: not a date",
                "2000-10-19T09:20:17.142Z | 0000-12-31T09:20:17.142Z | dob.date: not a date",
                "2000-10-19T09:20:17.142Z | +12021-01-01T00:00:00Z | dob.date: not a date",
                "2000-10-19T09:20:17.142Z | `` | dob.date: not a date",
                "`\"2000-10-19T09:20:17.142Z\"` | 971947217142 | dob.date: not a date",
                // a field twice
                "`\"cell\":\"06-07\"` | `\"cell\":\"06-07\",\"cell\":\"06-07\"` | cell: twice",
                "`\"age\":26` | `\"age\":26,\"age\":27` | dob.age: twice",
                "`\"nat\":\"FR\"` | `\"nat\":\"FR\",\"name\":{}` | name: twice",
            })
    void aUserWithAFaultIsADeadLetterThatNamesTheField(String from, String to, String reason) {
        // Given
        String faulty = changed(user(0), from, to == null ? "" : to);
        // When
        ParsedPage page = PageParser.parse(asked(2), bytes(page(faulty, user(1))));
        // Then
        assertThat(page.dead()).containsExactly(new DeadUser(0, reason));
        assertThat(page.users()).extracting(PlacedUser::position).containsExactly(1);
    }

    @Tag("bad-input-23")
    @DisplayName("23 · a name of 1 MB")
    @Test
    void aNameOfOneMegabyteIsOneDeadLetterAndNotALostPage() {
        // Given
        String faulty = changed(user(0), "Ann", "x".repeat(1024 * 1024));
        // When
        ParsedPage page = PageParser.parse(asked(2), bytes(page(faulty, user(1))));
        // Then
        assertThat(page.dead()).containsExactly(new DeadUser(0, "name.first: longer than 10000 characters"));
        assertThat(page.users()).hasSize(1);
    }

    @Tag("bad-input-24")
    @DisplayName("24 · a number of a million digits")
    @Test
    void aNumberOfAMillionDigitsIsOneDeadLetter() {
        // Given
        String faulty = changed(user(0), "\"age\":26", "\"age\":" + "9".repeat(1_000_000));
        // When
        ParsedPage page = PageParser.parse(asked(2), bytes(page(faulty, user(1))));
        // Then
        assertThat(page.dead()).containsExactly(new DeadUser(0, "dob.age: not within 0..150"));
    }

    @Test
    void aTextOfExactlyTheLongestLengthIsKept() {
        // Given
        String longest = "é".repeat(FieldReader.MAX_TEXT);
        // When
        ParsedPage page = PageParser.parse(asked(1), bytes(page(changed(user(0), "Ann", longest))));
        // Then
        assertThat(page.users().get(0).user().firstName()).isEqualTo(longest);
    }

    @Tag("bad-input-23")
    @DisplayName("23 · right-to-left and zero-width text")
    @Test
    void pairsOfSurrogatesAndRightToLeftAndZeroWidthTextAreKept() {
        // Given
        String text = "\u202Eابت\u200B\uD83D\uDE00";
        // When
        ParsedPage page = PageParser.parse(
                asked(2), bytes(page(changed(user(0), "Ann", text), changed(user(1), "Ann", "\\uD83D\\uDE00"))));
        // Then
        assertThat(page.users()).extracting(placed -> placed.user().firstName()).containsExactly(text, "\uD83D\uDE00");
    }

    @Tag("bad-input-24")
    @DisplayName("24 · a postcode as number or text")
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"60321|60321", "\"060321\"|060321", "\"B1 9XX\"|B1 9XX", "0.50|0.50", "1e400|1e400", "-0|-0"})
    void aPostcodeIsKeptExactlyAsWritten(String json, String expected) {
        // When
        ParsedPage page = PageParser.parse(asked(1), bytes(page(changed(user(0), "60321", json))));
        // Then
        assertThat(page.users().get(0).user().postcode()).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"-18.5642\"", "-18.5642", "-1.85642e1", "\"-18.56420000000000000000\""})
    void coordinatesAreReadFromTextsAndNumbers(String json) {
        // When
        ParsedPage page = PageParser.parse(asked(1), bytes(page(changed(user(0), "\"-18.5642\"", json))));
        // Then
        assertThat(page.users().get(0).user().latitude()).isEqualTo(-18.5642);
    }

    @Tag("bad-input-26")
    @DisplayName("26 · an unknown field, a missing optional one")
    @Test
    void unknownFieldsAreIgnoredAndMissingOnesAreNull() {
        // Given
        String bare = "{\"gender\":\"male\",\"new\":{\"deep\":[[1,{\"x\":null}]]},\"login\":{\"uuid\":\"" + FIRST_ID
                + "\",\"new\":1,\"new\":2},\"nat\":\"NO\"}";
        // When
        ParsedPage page = PageParser.parse(asked(1), bytes(page(bare)));
        // Then
        User user = page.users().get(0).user();
        assertThat(user)
                .isEqualTo(new User(
                        FIRST_ID, "NO", "male", null, null, null, null, null, null, null, null, null, null, null, null,
                        null, null, null, null, null, null, null, null, null, null, null, null));
    }

    @Test
    void nullsAreMissing() {
        // Given
        String nulls =
                changed(changed(changed(user(0), "60321", "null"), "\"2NN\"", "null"), "\"age\":26", "\"age\":null");
        nulls = changed(nulls, "{\"date\":\"2015-02-03T04:05:06.007Z\",\"age\":11}", "null");
        // When
        ParsedPage page = PageParser.parse(asked(1), bytes(page(nulls)));
        // Then
        User user = page.users().get(0).user();
        assertThat(user.postcode()).isNull();
        assertThat(user.idValue()).isNull();
        assertThat(user.age()).isNull();
        assertThat(user.registeredAt()).isNull();
    }

    @Tag("bad-input-22")
    @DisplayName("22 · two users with one uuid")
    @Test
    void twoUsersWithOneUuidAreKeptByTheirPositions() {
        // When
        ParsedPage page = PageParser.parse(asked(2), bytes(page(user(7), user(7))));
        // Then
        assertThat(page.users()).extracting(PlacedUser::position).containsExactly(0, 1);
        assertThat(page.users())
                .extracting(placed -> placed.user().userId())
                .containsOnly(new UUID(FIRST_ID.getMostSignificantBits(), FIRST_ID.getLeastSignificantBits() + 7));
    }

    @Test
    void theFirstFaultInTheOrderOfTheBytesIsTheReason() {
        // Given
        String twoFaults = changed(changed(user(0), "\"age\":26", "\"age\":200"), "9272", "true");
        // When
        ParsedPage page = PageParser.parse(asked(1), bytes(page(twoFaults)));
        // Then
        assertThat(page.dead()).containsExactly(new DeadUser(0, "location.street.number: not a whole number"));
    }

    @Test
    void infoMayComeBeforeTheResults() {
        // Given
        String body = "{\"info\":" + info(1) + ",\"results\":[" + user(0) + "]} \n";
        // When
        ParsedPage page = PageParser.parse(asked(1), bytes(body));
        // Then
        assertThat(page.users()).hasSize(1);
    }

    @Tag("bad-input-20")
    @DisplayName("20 · results shorter than asked")
    @Test
    void oneUserForManyIsRefused() { // the source answers 1 user for results=5001
        assertThat(refused(asked(1_000), pageOf(1))).hasMessage("results holds 1 users, expected 1000");
    }

    @Tag("bad-input-20")
    @DisplayName("20 · results longer than asked")
    @Test
    void moreUsersThanAskedForAreRefused() {
        assertThat(refused(asked(2), pageOf(3))).hasMessage("results holds 3 users, expected 2");
    }

    @Tag("bad-input-20")
    @DisplayName("20 · results empty")
    @Test
    void noUsersAreRefused() {
        assertThat(refused(asked(1), pageWith(info(1)))).hasMessage("results holds 0 users, expected 1");
    }

    @Tag("bad-input-21")
    @DisplayName("21 · info.page is not what was asked")
    @Test
    void anotherPageIsRefused() { // the source answers page 1 for page 10,001
        assertThat(refused(asked(1), pageWith(changed(info(1), "\"page\":2", "\"page\":1"), user(0))))
                .hasMessage("info.page is 1, expected 2");
    }

    @Test
    void anotherCountInTheInfoIsRefused() {
        assertThat(refused(asked(1), pageWith(changed(info(1), "\"results\":1", "\"results\":5"), user(0))))
                .hasMessage("info.results is 5, expected 1");
    }

    @Tag("bad-input-21")
    @DisplayName("21 · info.seed is not what was asked")
    @Test
    void anotherSeedIsRefused() {
        assertThat(refused(asked(1), pageWith(changed(info(1), "abc", "abd"), user(0))))
                .hasMessage("info.seed is abd, expected abc");
    }

    @ParameterizedTest
    @CsvSource({"abc,1", "abc0e,1", "abcFF,1", "abc,2"})
    void theSeedMayComeWithTwoHexadecimalDigitsWhereOneNationalityWasAsked(String answered, int nationalities) {
        // Given
        PageRequest asked = askedOf("abc", List.of("FR", "NO").subList(0, nationalities));
        // When
        ParsedPage page = PageParser.parse(asked, bytes(pageWith(changed(info(1), "abc", answered), user(0))));
        // Then
        assertThat(page.users()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({"abc0e,2", "abc0e,0", "abc0,1", "abc0e0,1", "abcxx,1", "0eabc,1"})
    void anyOtherAdditionToTheSeedIsRefused(String answered, int nationalities) {
        // Given
        PageRequest asked = askedOf("abc", List.of("FR", "NO").subList(0, nationalities));
        // Then
        assertThat(refused(asked, pageWith(changed(info(1), "abc", answered), user(0))))
                .hasMessageStartingWith("info.seed is");
    }

    @Test
    void withoutASeedAnySeedMayComeBack() {
        // Given
        PageRequest asked = askedOf(null, List.of());
        // When
        ParsedPage page = PageParser.parse(asked, bytes(pageWith(changed(info(1), "abc", "ff00ff00ff00"), user(0))));
        // Then
        assertThat(page.users()).hasSize(1);
    }

    @Tag("bad-input-20")
    @DisplayName("20 · results an object, and whatever else is not a page")
    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "[{}]",
                "\"results\"",
                "17",
                "null",
                "<!DOCTYPE html><html></html>",
                "{}",
                "{\"results\":[]}",
                "{\"results\":{},\"info\":{\"seed\":\"abc\",\"results\":1,\"page\":2}}",
                "{\"results\":null,\"info\":{\"seed\":\"abc\",\"results\":1,\"page\":2}}",
                "{\"results\":[null],\"info\":{\"seed\":\"abc\",\"results\":1,\"page\":2}}",
                "{\"results\":[[]],\"info\":{\"seed\":\"abc\",\"results\":1,\"page\":2}}",
            })
    void whatIsNotAPageIsRefused(String body) {
        assertThat(refused(asked(1), body).kind()).isEqualTo(Kind.REJECTED);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"page\":2 | \"page\":\"2\"",
                "\"page\":2 | \"page\":2.0",
                "\"page\":2 | \"page\":[2]",
                "\"page\":2, | ",
                "\"page\":2 | \"page\":2,\"page\":2",
                "\"seed\":\"abc\", | ",
                "\"seed\":\"abc\" | \"seed\":null",
                "\"seed\":\"abc\" | \"seed\":\"abc\",\"seed\":\"abc\"",
                "\"results\":1 | \"results\":null",
            })
    void aDamagedInfoIsRefused(String from, String to) {
        // Given
        String info = changed(info(1), from, to == null ? "" : to);
        // Then
        assertThat(refused(asked(1), pageWith(info, user(0)))).hasMessageContaining("info");
    }

    @Test
    void whatFollowsThePageIsRefused() {
        assertThat(refused(asked(1), pageOf(1) + "{}")).hasMessage("something follows the JSON object");
    }

    @Test
    void resultsOrInfoTwiceAreRefused() {
        String twice = "{\"results\":[" + user(0) + "],\"results\":[" + user(0) + "],\"info\":" + info(1) + "}";
        assertThat(refused(asked(1), twice)).hasMessage("results comes twice");
        String infos = "{\"results\":[" + user(0) + "],\"info\":" + info(1) + ",\"info\":" + info(1) + "}";
        assertThat(refused(asked(1), infos)).hasMessage("info comes twice");
    }

    @Test
    void nestingWithoutEndIsRefused() {
        // Given
        String deep = changed(user(0), "\"nat\"", "\"x\":" + "[".repeat(100_000) + "]".repeat(100_000) + ",\"nat\"");
        // Then
        assertThat(refused(asked(1), page(deep)).kind()).isEqualTo(Kind.REJECTED);
    }

    @Tag("bad-input-13")
    @DisplayName("13 · an error member is tried again and never zero users")
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"error\":\"Uh oh, something has gone wrong.\"}",
                "{\"error\":{\"code\":7}}",
                "{\"results\":[],\"error\":\"Uh oh\"}",
                "{\"error\":\"Uh oh\",\"results\":[",
            })
    void anErrorMemberIsTriedAgainAndNeverZeroUsers(String body) {
        assertThat(failed(asked(1), bytes(body)).kind()).isEqualTo(Kind.TRANSIENT);
    }

    @Test
    void theErrorIsQuotedPrintableAndCutShort() {
        // Given
        String body = "{\"error\":\"a\\u0000b\\ud83dc\\n" + "x".repeat(500) + "\"}";
        // When
        SourceFailed failure = failed(asked(1), bytes(body));
        // Then
        assertThat(failure).hasMessageStartingWith("the source answered an error: a?b?c?xxx");
        assertThat(failure.getMessage()).hasSizeLessThan(300);
    }

    @Tag("bad-input-15")
    @DisplayName("15 · a page cut at any byte")
    @Test
    void aPageCutAtAnyByteIsTriedAgainUnlessItIsKnownToBeWhole() {
        // Given
        byte[] whole = bytes(pageOf(1));
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            // When
            SourceFailed failure =
                    catchThrowableOfType(SourceFailed.class, () -> PageParser.parse(asked(1), cut, true));
            // Then: inside a character the bytes are not UTF-8 any more
            boolean isInsideCharacter = length > 0 && length < whole.length && (whole[length] & 0xC0) == 0x80;
            assertThat(failure.kind()).isEqualTo(isInsideCharacter ? Kind.REJECTED : Kind.TRANSIENT);
            assertThat(failed(asked(1), cut).kind()).isEqualTo(Kind.REJECTED);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-", "01", "1.", "tru", "'x'"})
    void whatIsNotJsonIsRefused(String value) {
        // Given
        String body = page(changed(user(0), "60321", value));
        // When
        SourceFailed failure = failed(asked(1), bytes(body));
        // Then
        assertThat(failure.kind()).isEqualTo(Kind.REJECTED);
        assertThat(failure)
                .hasMessageStartingWith("the JSON is cut or malformed at byte")
                .hasNoCause();
    }

    @Tag("bad-input-16")
    @DisplayName("16 · UTF-16 and UTF-32")
    @ParameterizedTest
    @ValueSource(strings = {"UTF-16BE", "UTF-16LE", "UTF-16", "UTF-32BE", "UTF-32LE"})
    void anotherUnicodeEncodingIsRefused(String charset) {
        // Given
        byte[] body = pageOf(1).getBytes(Charset.forName(charset));
        // Then
        assertThat(failed(asked(1), body).kind()).isEqualTo(Kind.REJECTED);
    }

    @Tag("bad-input-16")
    @DisplayName("16 · a byte order mark")
    @Test
    void aByteOrderMarkIsRefused() {
        assertThat(refused(asked(1), "\uFEFF" + pageOf(1))).hasMessage("the body begins with a byte order mark");
    }

    @Tag("bad-input-16")
    @DisplayName("16 · malformed UTF-8")
    @Test
    void malformedUtf8IsRefusedAlsoInWhatIsSkipped() {
        // Given
        byte[] body = pageOf(1).replace("hunter2", "hunt\u00FF2").getBytes(StandardCharsets.ISO_8859_1);
        // Then
        assertThat(failed(asked(1), body)).hasMessageStartingWith("the body is not UTF-8: malformed at byte");
        assertThat(failed(asked(1), body).kind()).isEqualTo(Kind.REJECTED);
    }

    @Tag("bad-input-24")
    @DisplayName("24 · NaN and Infinity")
    @ParameterizedTest
    @CsvSource({
        "60321, NaN",
        "60321, Infinity",
        "60321, -Infinity",
        "9272, NaN",
        "\"-18.5642\", NaN",
        "26, NaN",
    })
    void aNumberThatIsNoneIsOneDeadLetterAndNotALostPage(String from, String number) {
        // Given
        String body = page(user(0), changed(user(1), from, number), user(2));
        // When
        ParsedPage page = PageParser.parse(asked(3), bytes(body));
        // Then
        assertThat(page.users()).extracting(PlacedUser::position).containsExactly(0, 2);
        assertThat(page.dead()).extracting(DeadUser::position).containsExactly(1);
    }

    @Tag("bad-input-21")
    @DisplayName("21 · info.version goes with the page")
    @Test
    void theVersionOfTheSourceIsKept() {
        assertThat(PageParser.parse(asked(1), bytes(pageOf(1))).sourceVersion()).isEqualTo("1.4");
        String other = pageWith(changed(info(1), "\"1.4\"", "\"1.5\""), user(0));
        assertThat(PageParser.parse(asked(1), bytes(other)).sourceVersion()).isEqualTo("1.5");
        String none = pageWith(changed(info(1), "\"1.4\"", "[1.4]"), user(0));
        assertThat(PageParser.parse(asked(1), bytes(none)).sourceVersion()).isNull();
    }

    @Test
    void usersOfAnotherNationalityThanAskedForAreRefused() { // the source ignores one that it does not know
        assertThat(refused(askedOf("abc", List.of("GB", "US")), pageOf(1)))
                .hasMessage("the user at position 0 is of FR, expected one of [GB, US]");
        assertThat(PageParser.parse(askedOf("abc", List.of("FR", "US")), bytes(pageOf(1)))
                        .users())
                .hasSize(1);
    }

    @Test
    void usersOfAnotherGenderThanAskedForAreRefused() {
        PageRequest men = new PageRequest(new UUID(1, 1), 1, 1, null, SOURCE_PAGE, List.of(), "male");
        assertThat(refused(men, pageOf(1))).hasMessage("the user at position 0 is not male as asked for");
    }

    private static PageRequest askedOf(String seed, List<String> nationalities) {
        return new PageRequest(new UUID(1, 1), 1, 1, seed, SOURCE_PAGE, nationalities, null);
    }

    private static SourceFailed refused(PageRequest page, String body) {
        SourceFailed failure = failed(page, bytes(body));
        assertThat(failure.kind()).isEqualTo(Kind.REJECTED);
        return failure;
    }

    private static SourceFailed failed(PageRequest page, byte[] body) {
        SourceFailed failure = catchThrowableOfType(SourceFailed.class, () -> PageParser.parse(page, body));
        assertThat(failure).as("a failure").isNotNull();
        return failure;
    }
}

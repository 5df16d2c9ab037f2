package io.tributary.randomuser;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the source is known to do, row by row. */
class RandomUserServerTest {
    private static final LocalDate TODAY = LocalDate.of(2026, 3, 1);

    private final MovableClock clock = new MovableClock("2026-03-01T12:00:00Z");
    private RandomUserServer server;
    private Caller caller;

    @BeforeEach
    void start() {
        server = RandomUserServer.start(RandomUserOptions.defaults().withClock(clock));
        caller = new Caller(server);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void aPageHoldsAsManyUsersAsWereAskedFor() {
        // When
        JsonNode page = caller.page("results=5000&page=10000&seed=abc");
        // Then
        assertThat(page.path("results")).hasSize(5000);
        assertThat(page.path("info").toString())
                .isEqualTo("{\"seed\":\"abc\",\"results\":5000,\"page\":10000,\"version\":\"1.4\"}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"5001", "0", "-1", "2.5", "many", "", "1e9", "NaN", "99999999999999999999"})
    void resultsOutOfBoundsAreSilentlyOneUser(String results) {
        // When
        HttpResponse<byte[]> response = caller.get("/api/?seed=abc&results=" + results);
        // Then
        JsonNode page = Caller.json(response.body());
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(page.path("results")).hasSize(1);
        assertThat(page.path("info").path("results").asInt()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "10001", "0", "one", ""})
    void pagesOutOfBoundsAreSilentlyPageOne(String number) {
        // Given
        JsonNode first = caller.page("seed=abc&page=1&results=2");
        // When
        JsonNode page = caller.page("seed=abc&results=2&page=" + number);
        // Then
        assertThat(page).isEqualTo(first);
    }

    @Test
    void theSameSeedAndPageGiveTheSameBytesAndAnotherPageOtherPeople() {
        // Given
        byte[] once = caller.get("/api/?seed=abc&page=7&results=50").body();
        // When
        byte[] again = caller.get("/api/?seed=abc&page=7&results=50").body();
        byte[] other = caller.get("/api/?seed=abc&page=8&results=50").body();
        // Then
        assertThat(again).isEqualTo(once);
        assertThat(uuids(Caller.json(other))).doesNotContainAnyElementsOf(uuids(Caller.json(once)));
    }

    @Test
    void askingForMoreUsersKeepsTheFirstOnes() {
        // Given
        JsonNode few = caller.page("seed=abc&results=3").path("results");
        // When
        JsonNode many = caller.page("seed=abc&results=300").path("results");
        // Then
        assertThat(List.of(many.get(0), many.get(1), many.get(2)))
                .isEqualTo(List.of(few.get(0), few.get(1), few.get(2)));
    }

    @Test
    void withoutASeedEveryoneIsNewAndTheFreshSeedIsTold() {
        // When
        JsonNode first = caller.page("results=3");
        JsonNode second = caller.page("results=3");
        // Then
        assertThat(first.path("info").path("seed").asText()).matches("[0-9a-f]{16}");
        assertThat(uuids(second)).doesNotContainAnyElementsOf(uuids(first));
    }

    @Test
    void agesAreCountedToTodaySoThatTheSamePageDiffersInAYear() {
        // Given
        JsonNode before = caller.page("seed=abc&results=100");
        // When
        server.today(TODAY.plusYears(1));
        JsonNode after = caller.page("seed=abc&results=100");
        // Then
        for (int i = 0; i < 100; i++) {
            for (String field : List.of("dob", "registered")) {
                JsonNode young = before.path("results").get(i).path(field);
                JsonNode old = after.path("results").get(i).path(field);
                LocalDate date = OffsetDateTime.parse(young.path("date").asText())
                        .withOffsetSameInstant(ZoneOffset.UTC)
                        .toLocalDate();
                assertThat(young.path("age").asLong()).isEqualTo(ChronoUnit.YEARS.between(date, TODAY));
                assertThat(old.path("age").asLong()).isEqualTo(young.path("age").asLong() + 1);
            }
        }
        assertThat(uuids(after)).isEqualTo(uuids(before));
    }

    @Test
    void theClockSaysWhatTodayIsUntilADateIsSet() {
        // Given
        byte[] before = caller.get("/api/?seed=abc&results=100").body();
        // When
        clock.forward(Duration.ofDays(366));
        // Then
        assertThat(caller.get("/api/?seed=abc&results=100").body()).isNotEqualTo(before);
    }

    @Test
    void genderCountsWithoutASeedAndIsIgnoredWithOne() {
        // When
        JsonNode women = caller.page("gender=female&results=40");
        JsonNode seeded = caller.page("gender=female&results=40&seed=abc");
        // Then
        assertThat(all(women, "gender")).containsOnly("female");
        assertThat(all(seeded, "gender")).contains("male", "female");
        assertThat(seeded).isEqualTo(caller.page("results=40&seed=abc"));
    }

    @Test
    void theLastTwoCharactersOfASeedOfEighteenAreItsNationality() {
        // When
        JsonNode page = caller.page("seed=0123456789abcdef08&results=30&nat=us");
        // Then
        assertThat(all(page, "nat")).containsOnly("FR");
        assertThat(page.path("info").path("seed").asText()).isEqualTo("0123456789abcdef0808");
        assertThat(page.path("results"))
                .isEqualTo(
                        caller.page("seed=0123456789abcdef&results=30&nat=fr").path("results"));
    }

    @Test
    void aSeedOfEighteenThatNamesNobodyIsTheSourcesOwnTrouble() {
        // When
        HttpResponse<byte[]> response = caller.get("/api/?seed=0123456789abcdefzz");
        // Then
        assertThat(response.statusCode()).isEqualTo(500);
        assertThat(Caller.json(response.body()).path("error").asText()).startsWith("Uh oh, something has gone wrong.");
    }

    @ParameterizedTest
    @CsvSource({"us,abc14", "US,abc14", "au,abc00", "'us,gb',abc", "'us,xx',abc", "xx,abc", "'',abc"})
    void theEchoedSeedHasTwoHexDigitsMoreForExactlyOneNationality(String nationalities, String echoed) {
        // When
        JsonNode page = caller.page("seed=abc&nat=" + nationalities);
        // Then
        assertThat(page.path("info").path("seed").asText()).isEqualTo(echoed);
    }

    @Test
    void nationalitiesAreTheOnesAskedForAndAllWhenOneIsUnknown() {
        // When
        JsonNode two = caller.page("seed=abc&nat=us,gb&results=200");
        JsonNode all = caller.page("seed=abc&nat=us,xx&results=1000");
        // Then
        assertThat(all(two, "nat")).containsOnly("US", "GB").contains("US", "GB");
        assertThat(new HashSet<>(all(all, "nat")))
                .containsExactlyInAnyOrder("AU BR CA CH DE DK ES FI FR GB IE IN IR MX NL NO NZ RS TR UA US".split(" "));
    }

    @Test
    void twoPagesCollideWhereSeedAndPageReadTheSame() {
        // Given: md5("ab" + "12") is md5("ab1" + "2"), and only 32 bits of it count
        JsonNode one = caller.page("seed=ab&page=12&results=5");
        // When
        JsonNode other = caller.page("seed=ab1&page=2&results=5");
        // Then
        assertThat(other.path("results")).isEqualTo(one.path("results"));
    }

    @Test
    void incAndExcChooseTheMembersAndNoinfoLeavesTheInfoOut() {
        // Given
        JsonNode whole = caller.page("seed=abc").path("results").get(0);
        // When
        JsonNode some = caller.page("seed=abc&inc=NAME,dob,nat&exc=nat&noinfo");
        JsonNode most = caller.page("seed=abc&exc=login");
        // Then
        assertThat(some.has("info")).isFalse();
        assertThat(some.path("results").get(0).fieldNames()).toIterable().containsExactly("name", "dob");
        assertThat(some.path("results").get(0).path("name")).isEqualTo(whole.path("name"));
        assertThat(most.path("results").get(0).fieldNames())
                .toIterable()
                .hasSize(11)
                .doesNotContain("login");
    }

    @Test
    void aUserHasTheShapeOfTheSource() {
        // When
        JsonNode page = caller.page("seed=abc&results=1000");
        // Then
        for (JsonNode user : page.path("results")) {
            assertThat(shape(user))
                    .isEqualTo("gender name{title first last} location{street{number# name} city state country postcode"
                            + " coordinates{latitude longitude} timezone{offset description}} email"
                            + " login{uuid username password salt md5 sha1 sha256} dob{date age#} registered{date age#}"
                            + " phone cell id{name value} picture{large medium thumbnail} nat");
            assertThat(user.at("/login/uuid").asText())
                    .matches("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
            assertThat(user.at("/dob/date").asText()).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");
            assertThat(user.at("/email").asText()).matches("[a-z0-9.'-]+@example\\.com");
            assertThat(Math.abs(Double.parseDouble(
                            user.at("/location/coordinates/latitude").asText())))
                    .isLessThanOrEqualTo(90);
            assertThat(user.at("/location/coordinates/longitude").asText()).matches("-?\\d{1,3}\\.\\d{4}");
            assertThat(user.at("/picture/large").asText())
                    .matches("https://randomuser\\.me/api/portraits/(men|women)/\\d{1,2}\\.jpg");
        }
    }

    @Test
    void postcodesAreTextInFourCountriesAndNumbersElsewhere() {
        // When
        JsonNode page = caller.page("seed=abc&results=1000");
        // Then
        for (JsonNode user : page.path("results")) {
            boolean text =
                    List.of("GB", "CA", "NL", "NO").contains(user.path("nat").asText());
            assertThat(user.at("/location/postcode").isTextual()).isEqualTo(text);
            assertThat(user.at("/location/postcode").isInt()).isEqualTo(!text);
        }
    }

    @Test
    void idIsEmptyAndNullWhereACountryHasNone() {
        // When
        JsonNode page = caller.page("seed=abc&results=1000");
        // Then
        for (JsonNode user : page.path("results")) {
            boolean none =
                    List.of("IR", "NZ", "TR", "UA").contains(user.path("nat").asText());
            assertThat(user.at("/id/name").asText().isEmpty()).isEqualTo(none);
            assertThat(user.at("/id/value").isNull()).isEqualTo(none);
        }
    }

    @Test
    void loginsHoldTheDigestsOfPasswordAndSalt() throws Exception {
        // When
        JsonNode login = caller.page("seed=abc").path("results").get(0).path("login");
        // Then
        byte[] salted =
                (login.path("password").asText() + login.path("salt").asText()).getBytes(StandardCharsets.UTF_8);
        HexFormat hex = HexFormat.of();
        assertThat(login.path("salt").asText()).hasSize(8);
        assertThat(login.path("md5").asText())
                .isEqualTo(hex.formatHex(MessageDigest.getInstance("MD5").digest(salted)));
        assertThat(login.path("sha1").asText())
                .isEqualTo(hex.formatHex(MessageDigest.getInstance("SHA-1").digest(salted)));
        assertThat(login.path("sha256").asText())
                .isEqualTo(hex.formatHex(MessageDigest.getInstance("SHA-256").digest(salted)));
    }

    @ParameterizedTest
    @CsvSource({"ir,ARABIC", "rs,CYRILLIC", "ua,CYRILLIC", "in,DEVANAGARI", "fr,LATIN"})
    void namesAreWrittenInTheCountrysScript(String nationality, Character.UnicodeScript script) {
        // When
        JsonNode page = caller.page("seed=abc&results=200&nat=" + nationality);
        // Then
        for (JsonNode user : page.path("results")) {
            for (String name : List.of("first", "last")) {
                assertThat(user.path("name").path(name).asText().codePoints())
                        .anyMatch(c -> Character.UnicodeScript.of(c) == script)
                        .allMatch(c -> Character.UnicodeScript.of(c) == script || !Character.isLetter(c));
            }
        }
    }

    @Test
    void aUserIsAboutAsLongAsTheSources() {
        // When
        int bytes = caller.get("/api/?seed=abc&results=5000").body().length;
        // Then
        assertThat(bytes / 5000).isBetween(1000, 1200);
    }

    @Test
    void theAnswerIsCompressedWhenAskedAndHasItsLength() {
        // Given
        byte[] plain = caller.get("/api/?seed=abc&results=100").body();
        // When
        HttpResponse<byte[]> response = caller.get("/api/?seed=abc&results=100", "Accept-Encoding", "br, gzip;q=0.8");
        // Then
        assertThat(response.headers().firstValue("Content-Encoding")).contains("gzip");
        assertThat(response.headers().firstValueAsLong("Content-Length")).hasValue(response.body().length);
        assertThat(Caller.gunzip(response.body())).isEqualTo(plain);
    }

    @ParameterizedTest
    @ValueSource(strings = {"identity", "gzip;q=0", "br"})
    void theAnswerIsPlainWhereGzipIsNotWanted(String accepted) {
        // When
        HttpResponse<byte[]> response = caller.get("/api/", "Accept-Encoding", accepted);
        // Then
        assertThat(response.headers().firstValue("Content-Encoding")).isEmpty();
        assertThat(response.headers().firstValueAsLong("Content-Length")).hasValue(response.body().length);
    }

    @Test
    void theHeadersAreTheSources() {
        // When
        HttpResponse<byte[]> response = caller.get("/api/1.4/?seed=abc");
        // Then
        assertThat(response.headers().firstValue("Content-Type")).contains("application/json; charset=utf-8");
        assertThat(response.headers().firstValue("Cache-Control")).contains("no-cache");
        assertThat(response.headers().firstValue("ETag"))
                .hasValueSatisfying(tag -> assertThat(tag).matches("W/\"[0-9a-f]+-[0-9a-f]+\""));
    }

    @Test
    void aBodyTheCallerHasIsNotSentAgain() {
        // Given
        String tag = caller.get("/api/?seed=abc").headers().firstValue("ETag").orElseThrow();
        // When
        HttpResponse<byte[]> same = caller.get("/api/?seed=abc", "If-None-Match", tag);
        HttpResponse<byte[]> other = caller.get("/api/?seed=abd", "If-None-Match", tag);
        // Then
        assertThat(same.statusCode()).isEqualTo(304);
        assertThat(same.body()).isEmpty();
        assertThat(other.statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({"/api/,200", "/api,200", "/api/1.4/,200", "/api/1.4,200", "/api/9.9/,404", "/,404", "/health/live,200"})
    void onlyTheKnownVersionIsServed(String path, int status) {
        // When
        int answered = caller.get(path).statusCode();
        // Then
        assertThat(answered).isEqualTo(status);
    }

    @Test
    void seedsAreDataWhateverTheyHold() {
        // When
        JsonNode page = caller.page("seed=%27%3B%20drop%20table%20%22%F0%9F%98%80%0D%0A%26results%3D3");
        // Then
        assertThat(page.path("info").path("seed").asText()).isEqualTo("'; drop table \"😀\r\n&results=3");
        assertThat(page.path("results")).hasSize(1);
    }

    @Test
    void ofARepeatedParameterTheLastCounts() {
        // When
        JsonNode page = caller.page("results=2&seed=abc&results=3");
        // Then
        assertThat(page.path("results")).hasSize(3);
    }

    @ParameterizedTest
    @CsvSource({
        "pretty,application/json,'{\n  \"results\"'",
        "csv,text/csv,'gender,name.title,name.first'",
        "xml,text/xml,'<?xml version'",
        "yaml,text/x-yaml,'results:\n'",
        "no-such-thing,application/json,'{\"results\"'"
    })
    void otherFormatsAreShapedAlike(String format, String contentType, String start) {
        // When
        HttpResponse<byte[]> response = caller.get("/api/?seed=abc&results=2&format=" + format);
        // Then
        assertThat(response.headers().firstValue("Content-Type")).contains(contentType + "; charset=utf-8");
        assertThat(Caller.text(response).replace(" :", ":")).startsWith(start);
    }

    @Test
    void headAnswersTheHeadersOfGetWithoutItsBody() {
        // Given
        long length = caller.get("/api/?seed=abc").body().length;
        // When
        HttpResponse<byte[]> response = caller.send("HEAD", "/api/?seed=abc", "");
        // Then
        assertThat(response.headers().firstValueAsLong("Content-Length")).hasValue(length);
        assertThat(response.body()).isEmpty();
    }

    @Test
    void theQuotaCountsUsersAnsweredAndRefusesWithTheSourcesWords() {
        // Given
        for (int page = 1; page <= 3; page++) {
            caller.page("results=5000&seed=abc&inc=gender&page=" + page);
        }
        caller.page("results=4999&inc=gender");
        caller.page("results=2&inc=gender"); // one is left, two are answered
        // When
        HttpResponse<byte[]> refused = caller.get("/api/?results=1");
        HttpResponse<byte[]> refusedAgain = caller.get("/api/?results=5000");
        // Then
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(Caller.text(refused))
                .isEqualTo("{\"error\":\"Whoa, ease up there cowboy. You've requested 20001 users in the last minute."
                        + " Help us keep this service free and spare some bandwidth for other users please :)\"}");
        assertThat(refused.headers().firstValue("Retry-After")).isEmpty();
        assertThat(refusedAgain.body()).isEqualTo(refused.body());
        assertThat(server.stats().refused()).isEqualTo(2);
        assertThat(server.stats().usersAsked()).isEqualTo(20_001);
    }

    @Test
    void theQuotaIsClearedForEveryoneAtTheWindowsEnd() {
        // Given: the second address spends its users late in the window
        useUp("10.0.0.1");
        clock.forward(Duration.ofSeconds(299));
        useUp("10.0.0.2");
        assertThat(statusFor("10.0.0.1")).isEqualTo(429);
        assertThat(statusFor("10.0.0.2")).isEqualTo(429);
        // When
        clock.forward(Duration.ofSeconds(1));
        // Then
        assertThat(statusFor("10.0.0.1")).isEqualTo(200);
        assertThat(statusFor("10.0.0.2")).isEqualTo(200);
    }

    @Test
    void anotherAddressHasItsOwnQuota() {
        // Given
        useUp("10.0.0.1");
        // When
        int status = statusFor("10.0.0.2");
        // Then
        assertThat(status).isEqualTo(200);
    }

    @Test
    void resultsThatWereCorrectedCountAsOneUser() {
        // When
        caller.page("results=5001");
        // Then
        assertThat(server.stats().usersAsked()).isEqualTo(1);
    }

    @Test
    void preparedBodiesAreTheBodiesThatWouldBeMade() {
        // Given
        byte[] made = caller.get("/api/?seed=abc&results=50").body();
        try (RandomUserServer preparing = RandomUserServer.start(
                RandomUserOptions.defaults().withClock(clock).withPreparedBytes(1 << 20))) {
            Caller other = new Caller(preparing);
            // When
            byte[] first = other.get("/api/?seed=abc&results=50").body();
            byte[] kept = other.get("/api/?seed=abc&results=50").body();
            preparing.today(TODAY.plusYears(3));
            byte[] later = other.get("/api/?seed=abc&results=50").body();
            // Then
            assertThat(first).isEqualTo(made);
            assertThat(kept).isEqualTo(made);
            assertThat(later).isNotEqualTo(made);
        }
    }

    private void useUp(String address) {
        for (int i = 0; i < 4; i++) {
            caller.get("/api/?results=5000&inc=gender", "X-Forwarded-For", address);
        }
    }

    private int statusFor(String address) {
        return caller.get("/api/", "X-Forwarded-For", address).statusCode();
    }

    private static Set<String> uuids(JsonNode page) {
        Set<String> uuids = new HashSet<>();
        page.path("results").forEach(user -> uuids.add(user.at("/login/uuid").asText()));
        return uuids;
    }

    private static List<String> all(JsonNode page, String field) {
        List<String> values = new ArrayList<>();
        page.path("results").forEach(user -> values.add(user.path(field).asText()));
        return values;
    }

    /** Members in their order; # marks a number. Of a postcode and an id's value the type differs by country. */
    private static String shape(JsonNode node) {
        List<String> members = new ArrayList<>();
        node.properties().forEach(member -> {
            JsonNode value = member.getValue();
            boolean either = member.getKey().equals("postcode");
            members.add(member.getKey()
                    + (value.isObject() ? "{" + shape(value) + "}" : value.isNumber() && !either ? "#" : ""));
        });
        return String.join(" ", members);
    }
}

package io.tributary.etl;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class EtlTest {
    private static final String RUN = "/api/v1/runs/" + FakeIngest.ID;
    private static final String REPLAY = "GET /api/v1/replays/" + FakeIngest.REPLAY;
    private static final String SETTLED = FakeIngest.run("COMPLETE", 10_000, 10_000, 10_000, 10_000L);

    @TempDir
    Path home;

    private final FakeIngest ingest;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream progress = new ByteArrayOutputStream();
    private final StringWriter errors = new StringWriter();

    EtlTest() throws IOException {
        ingest = new FakeIngest();
    }

    @AfterEach
    void close() {
        ingest.close();
    }

    private int etl(String... arguments) {
        PrintStream stdout = new PrintStream(out, true, StandardCharsets.UTF_8);
        Surroundings around = new Surroundings(
                home,
                home,
                stdout,
                () -> new PlainConsole(new PrintStream(progress, true, StandardCharsets.UTF_8)),
                Clock.fixed(Instant.parse("2026-01-01T12:34:56Z"), ZoneOffset.UTC),
                System::nanoTime,
                System.nanoTime());
        CommandLine line = Etl.commandLine(around);
        line.setErr(new PrintWriter(errors));
        line.setOut(new PrintWriter(stdout, true, StandardCharsets.UTF_8));
        return line.execute(arguments);
    }

    private int asked(String... arguments) {
        List<String> all = new ArrayList<>(Arrays.asList(arguments));
        all.add("--url=" + ingest.url());
        return etl(all.toArray(String[]::new));
    }

    private String printed() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private JsonNode oneObject() {
        assertThat(printed()).endsWith("}\n").hasLineCount(1);
        return Json.parse(printed());
    }

    @Test
    void helpExplainsItselfWithExamplesAndExitCodes() {
        // When
        int exit = etl("--help");
        // Then
        assertThat(exit).isZero();
        assertThat(printed())
                .contains(
                        "Usage: ./etl", "up ", "run ", "runs ", "watch ", "reconcile ", "windows ", "cancel ", "down ")
                .contains("replay ", "redrive ", "plan ", "dlq ", "rebuild ", "rollup ")
                .contains("Examples:", "./etl up --once --users 100000")
                .contains("Exit codes:", "3     the stack is not up");
        assertThat(printed().lines()).allMatch(line -> line.length() <= 80);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "up",
                "run",
                "runs",
                "watch",
                "reconcile",
                "windows",
                "cancel",
                "replay",
                "redrive",
                "plan",
                "dlq",
                "down"
            })
    void everyCommandHasHelpAndJson(String command) {
        // When
        int exit = etl(command, "--help");
        // Then
        assertThat(exit).isZero();
        assertThat(printed()).contains("Usage: ./etl " + command, "--json", "--data=DIR");
        assertThat(printed().lines()).allMatch(line -> line.length() <= 80);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--users 0 | --users=0, expected 1 or more",
                "--users x | 'x' is not a long",
                "--page-size 5001 | --page-size=5001, expected 1..5000",
                "--nat usa | --nat: 'usa', expected two letters",
                "--gender other | '--gender'",
                "--source ftp://example.org/ | --source=ftp://example.org/, expected http",
                "--source http://someone:hidden@example.org/ | --source holds a user or a password",
                "--source-quota -1 | --source-quota=-1",
                "--source http://example.org/ --source-quota 5 | give one of them",
                "--port nginx=80 | no part is named 'nginx', expected postgres, kafka",
                "--port kafka=70000 | kafka=70000, expected 1..65535",
                "--port kafka | --port",
                "--cluster --workers 5 | --workers=5, expected 1..4",
                "--workers 2 | give --cluster too",
                "--cluster --real-time | give one of --real-time and --cluster",
                "--unpause | --unpause is about Airflow's DAGs; give --airflow too",
                "--colour | Unknown option: '--colour'",
            })
    void aWrongOptionIsNamedBeforeAnythingStarts(String options, String expected) {
        // When
        int exit = etl(("up " + options).trim().split(" +"));
        // Then
        assertThat(exit).isEqualTo(2);
        assertThat(errors.toString())
                .startsWith("etl: ")
                .contains(expected)
                .doesNotContain("hidden")
                .hasLineCount(1);
        assertThat(printed()).isEmpty();
        assertThat(home).isEmptyDirectory();
    }

    @Test
    void whyAirflowCanNotBeInstalledIsTold() throws IOException {
        // Given
        Path script = Files.createDirectories(home.resolve("airflow")).resolve("venv.sh");
        Files.writeString(script, "#!/bin/sh\necho 'airflow: Python 3.10 to 3.13 is needed' >&2\nexit 2\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        // When
        int exit = etl("up", "--airflow");
        // Then
        assertThat(exit).isEqualTo(3);
        assertThat(progress.toString(StandardCharsets.UTF_8)).contains("airflow: Python 3.10 to 3.13 is needed");
        assertThat(errors.toString())
                .isEqualTo("etl: Airflow can not be installed: airflow/venv.sh ended with status 2\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "dlq --reason ugly | 2 | --reason=ugly, expected some of [empty, impossible, malformed",
                "dlq --limit 0 | 2 | --limit=0, expected 1..10000",
                "dlq | 3 | no stack is up in .tributary",
                "dlq redrive | 3 | or name a Kafka by --bootstrap",
                "dlq --kafka-config none | 2 | is no readable properties file",
                "rebuild | 2 | name runs, or give --from or --to",
                "rebuild latest --from 2026-01-01T00:00:00Z | 2 | name runs, or give --from or --to",
                "rebuild latest | 3 | no whole stack is up in .tributary",
                "rollup --from 2026-01-02 --to 2026-01-02 | 2 | expected 1..366 days",
                "rollup | 3 | io.tributary.stream.StreamJob",
                "windows --size soon | 2 | 'soon', expected a time span such as 10m, 1h or PT1H",
            })
    void whatTheStreamIsAskedForIsCheckedFirst(String command, int code, String expected) {
        // When
        int exit = etl(command.split(" +"));
        // Then
        assertThat(exit).isEqualTo(code);
        assertThat(errors.toString()).startsWith("etl: ").contains(expected).hasLineCount(1);
        assertThat(printed()).isEmpty();
    }

    @Test
    void noCommandIsAnErrorThatPointsToTheHelp() {
        // When
        int exit = etl();
        // Then
        assertThat(exit).isEqualTo(2);
        assertThat(errors.toString()).contains("no command given", "./etl --help");
    }

    @Test
    void aWrongOptionIsAJsonObjectWhereJsonWasAskedFor() {
        // When
        int exit = etl("up", "--json", "--users", "x");
        // Then
        assertThat(exit).isEqualTo(2);
        assertThat(oneObject().at("/error/exit").asInt()).isEqualTo(2);
    }

    @Test
    void withoutAStackTheCommandSaysHowToStartOne() {
        // When
        int exit = etl("runs");
        // Then
        assertThat(exit).isEqualTo(3);
        assertThat(errors).hasToString("etl: no stack is up in .tributary; start one with: ./etl up\n");
    }

    @Test
    void downWithNothingUpIsFine() {
        // When
        int exit = etl("down", "--json");
        // Then
        assertThat(exit).isZero();
        assertThat(oneObject().path("ended").asInt(-1)).isZero();
    }

    @Test
    void aRunIsStartedFollowedAndReconciled() {
        // Given
        ingest
                .answer("POST /api/v1/runs", 201, FakeIngest.run("RUNNING", 0, 0, 0, null))
                .answer("GET " + RUN, 200, FakeIngest.run("RUNNING", 0, 0, 0, null))
                .stream(FakeIngest.event("settled", SETTLED))
                .answer("GET " + RUN + "/reconciliation?deep=false", 200, FakeIngest.reconciliation(true));
        // When
        int exit = asked("run", "--nat", "us,gb");
        // Then
        assertThat(exit).isZero();
        assertThat(printed()).contains("Cassandra   10,000  00ff00ff00ff00ff  yes", "reconciles: equal in all four");
        assertThat(printed()).contains("Kafka holds 20 repeated records");
        assertThat(progress.toString(StandardCharsets.UTF_8))
                .contains("Cassandra  counted   10,000 of 10,000 users 100 %")
                .doesNotContain("\u001b", "\r");
        assertThat(ingest.bodies.get(0))
                .contains("\"windowStart\":\"2026-01-01T12:34:00Z\",\"windowEnd\":\"2026-01-01T12:39:00Z\"")
                .contains("\"nat\":[\"US\",\"GB\"]");
    }

    @Test
    void aRunOfAnotherIsWatchedToItsEndAndNothingElseIsAskedFor() {
        // Given
        ingest.answer("GET " + RUN, 200, FakeIngest.run("RUNNING", 4_000, 4_000, 3_000, 2_000L)).stream(
                FakeIngest.event("settled", SETTLED));
        // When
        int exit = asked("watch", FakeIngest.ID);
        // Then
        assertThat(exit).isZero();
        assertThat(printed()).isEqualTo("run " + FakeIngest.ID + " is complete, 10,000 users captured\n");
        assertThat(progress.toString(StandardCharsets.UTF_8))
                .contains("10,000 users in 10 pages, running", "Cassandra  counted   10,000 of 10,000 users 100 %")
                .doesNotContain("\u001b", "\r");
        assertThat(ingest.requests).allMatch(request -> request.startsWith("GET " + RUN));
    }

    @Test
    void aWatchedRunThatIsCancelledDoesNotEndWell() {
        // Given
        ingest.answer("GET " + RUN, 200, FakeIngest.run("CANCELLED", 4_000, 4_000, 4_000, 4_000L));
        // When
        int exit = asked("watch", FakeIngest.ID, "--json");
        // Then
        assertThat(exit).isEqualTo(1);
        assertThat(oneObject().path("state").asText()).isEqualTo("CANCELLED");
    }

    @Test
    void aScriptCompletesCommandsAndOptions() {
        // When
        int exit = etl("completion");
        // Then
        assertThat(exit).isZero();
        assertThat(printed()).contains("complete ", "watch", "--max-run-time");
    }

    @Test
    void aRunInJsonIsOneObjectOfTheAgreedShape() {
        // Given
        ingest
                .answer("POST /api/v1/runs", 201, FakeIngest.run("RUNNING", 0, 0, 0, null))
                .answer("GET " + RUN, 200, FakeIngest.run("RUNNING", 0, 0, 0, null))
                .stream(FakeIngest.event("settled", SETTLED))
                .answer("GET " + RUN + "/reconciliation?deep=true", 200, FakeIngest.reconciliation(true));
        // When
        int exit = asked("run", "--json", "--deep", "--key", "mine");
        // Then
        assertThat(exit).isZero();
        JsonNode json = oneObject();
        assertThat(json.path("run").asText()).isEqualTo(FakeIngest.ID);
        assertThat(json.path("users").asLong()).isEqualTo(10_000);
        for (String store : List.of("ledger", "postgres", "kafka", "cassandra")) {
            assertThat(json.path("reconciliation").path(store).path("users").asLong())
                    .isEqualTo(10_000);
            assertThat(json.path("reconciliation").path(store).path("digest").asText())
                    .isEqualTo("00ff00ff00ff00ff");
        }
        assertThat(json.path("reconciliation").path("equal").asBoolean()).isTrue();
        assertThat(json.path("seconds").path("total").isNumber()).isTrue();
        assertThat(json.path("seconds").path("stages").path("counted").isNumber())
                .isTrue();
        assertThat(ingest.requests.get(0)).isEqualTo("POST /api/v1/runs key=mine");
    }

    @Test
    void aRunWhosePagesWereGivenUpDoesNotEndWellAlthoughTheRestIsEqual() {
        // Given
        String incomplete = FakeIngest.run("INCOMPLETE", 9_000, 9_000, 9_000, 9_000L)
                .replace("\"quarantined\":0", "\"quarantined\":1");
        ingest.answer("POST /api/v1/runs", 201, incomplete)
                .answer("GET " + RUN + "/reconciliation?deep=false", 200, FakeIngest.reconciliation(true));
        // When
        int exit = asked("run");
        // Then
        assertThat(exit).isEqualTo(1);
        assertThat(printed()).contains("1 of 10 pages were given up (quarantined)");
    }

    @Test
    void aDifferenceIsExitOneAndNamed() {
        // Given
        ingest.answer("GET " + RUN + "/reconciliation?deep=false", 200, FakeIngest.reconciliation(false));
        // When
        int exit = asked("reconcile", FakeIngest.ID);
        // Then
        assertThat(exit).isEqualTo(1);
        assertThat(printed())
                .contains("does NOT reconcile: 1 difference.", "  Cassandra, page 3, position 17: missing");
    }

    @Test
    void aRunMayBeNamedByTheBeginningOfItsId() {
        // Given
        ingest.answer("GET /api/v1/runs?limit=100", 200, "{\"runs\":[" + SETTLED + "]}")
                .answer("GET " + RUN + "/reconciliation?deep=false", 200, FakeIngest.reconciliation(true));
        // When
        int exit = asked("reconcile", "5F0C", "--json");
        // Then
        assertThat(exit).isZero();
        assertThat(oneObject().path("equal").asBoolean()).isTrue();
    }

    @Test
    void aCompleteRunCanNotBeCancelledAndTheReasonIsTold() {
        // Given
        ingest.answer("POST " + RUN + "/cancel", 409, FakeIngest.problem(409, "Conflict", "the run is COMPLETE"));
        // When
        int exit = asked("cancel", FakeIngest.ID);
        // Then
        assertThat(exit).isEqualTo(2);
        assertThat(errors.toString()).contains("409 Conflict: the run is COMPLETE");
    }

    @Test
    void runsAndWindowsAreListed() {
        // Given
        ingest.answer("GET /api/v1/runs?limit=50", 200, "{\"runs\":[" + SETTLED + "]}")
                .answer("GET /api/v1/windows?limit=2", 200, "{\"windows\":[]}");
        ingest.answer("GET /api/v1/windows?limit=5&size=PT1H&slide=PT10M", 200, "{\"windows\":[]}");
        // When
        int runs = asked("runs");
        int windows = asked("windows", "--limit", "2");
        int sliding = asked("windows", "--size", "1h", "--slide", "pt10m");
        // Then
        assertThat(runs + windows + sliding).isZero();
        assertThat(printed()).contains("5f0c7a3e  complete  10,000", "no windows yet");
    }

    @Test
    void aReplayIsFollowedToItsEndInPlainLines() {
        // Given
        ingest.answer("POST " + RUN + "/replay", 202, FakeIngest.replay("RUNNING", 0))
                .answer(REPLAY, 200, FakeIngest.replay("RUNNING", 4))
                .answer(REPLAY, 503, FakeIngest.problem(503, "Service Unavailable", "starting"))
                .answer(REPLAY, 200, FakeIngest.replay("COMPLETE", 10));
        // When
        int exit = asked("replay", FakeIngest.ID, "--topic", "elsewhere");
        // Then
        assertThat(exit).isZero();
        assertThat(ingest.bodies.get(0)).isEqualTo("{\"topic\":\"elsewhere\"}");
        assertThat(progress.toString(StandardCharsets.UTF_8))
                .contains("Kafka      replayed  4 of 10 pages, 4,000 records", "trying again", "ingest answers again")
                .contains("Kafka      replayed  10 of 10 pages, 10,000 records")
                .doesNotContain("\u001b", "\r");
        assertThat(printed())
                .contains("Replay " + FakeIngest.REPLAY + " is complete.")
                .contains("10,000 records, 10 of 10 pages, are in topic elsewhere.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"FAILED", "CANCELLED"})
    void aReplayThatDidNotEndWellIsExitOneAndItsJsonIsTheApis(String state) {
        // Given
        ingest.answer("POST " + RUN + "/replay", 202, FakeIngest.replay("RUNNING", 0))
                .answer(REPLAY, 200, FakeIngest.replay(state, 3));
        // When
        int exit = asked("replay", FakeIngest.ID, "--json");
        // Then
        assertThat(exit).isEqualTo(1);
        assertThat(oneObject()).isEqualTo(Json.parse(FakeIngest.replay(state, 3)));
        assertThat(ingest.bodies.get(0)).isEqualTo("{}");
    }

    @Test
    void aReplayThatEndedWithItsIngestIsNotWaitedFor() {
        // Given
        ingest.answer("POST " + RUN + "/replay", 202, FakeIngest.replay("RUNNING", 0));
        // When
        int exit = asked("replay", FakeIngest.ID);
        // Then
        assertThat(exit).isEqualTo(3);
        assertThat(errors.toString()).contains("knows replay " + FakeIngest.REPLAY + " no more: it was started again");
        assertThat(printed()).isEmpty();
    }

    @Test
    void aReplayThatIsUnderWayAlreadyIsRefusedInItsOwnWords() {
        // Given
        ingest.answer("POST " + RUN + "/replay", 409, FakeIngest.problem(409, "Conflict", "published again already"));
        // When
        int exit = asked("replay", FakeIngest.ID);
        // Then
        assertThat(exit).isEqualTo(2);
        assertThat(errors.toString()).contains("409 Conflict: published again already");
        assertThat(ingest.requests).hasSize(1);
    }

    @Test
    void quarantinedPagesAreTriedAgain() {
        // Given
        ingest.answer(
                "POST " + RUN + "/redrive",
                200,
                "{\"run\":" + FakeIngest.run("RUNNING", 9_000, 9_000, 9_000, null) + ",\"pages\":2}");
        // When
        int exit = asked("redrive", FakeIngest.ID);
        // Then
        assertThat(exit).isZero();
        assertThat(printed()).isEqualTo("run " + FakeIngest.ID + " is running, 2 pages are tried again\n");
    }

    @Test
    void aPlanSaysWhatARunWouldBe() {
        // Given
        ingest.answer("POST /api/v1/plans", 200, FakeIngest.plan(true));
        // When
        int exit = asked("plan", "--nat", "us", "--max-run-time", "PT10M");
        // Then
        assertThat(exit).isZero();
        assertThat(printed())
                .contains("users       10,000 in 10 pages of at most 1,000")
                .contains("first page  998 of 1,000 users came, 2 would be set aside, 1,234,567 bytes")
                .contains("schema      randomuser.users-value fits", "Nothing of it was written.");
        assertThat(ingest.requests).containsExactly("POST /api/v1/plans");
        assertThat(ingest.bodies.get(0)).contains("\"users\":10000", "\"maxRunTime\":\"PT10M\"", "\"nat\":[\"US\"]");
    }

    @Test
    void aPlanWhoseSchemaDoesNotFitIsExitOne() {
        // Given
        ingest.answer("POST /api/v1/plans", 200, FakeIngest.plan(false));
        // When
        int exit = asked("plan");
        // Then
        assertThat(exit).isEqualTo(1);
        assertThat(printed()).contains("randomuser.users-value does NOT fit");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0S", "PT1.5S", "P31D", "-PT1M"})
    void aRunTimeOutOfBoundsIsNamedBeforeAnythingIsAsked(String time) {
        // When
        int exit = asked("run", "--max-run-time=" + time);
        // Then
        assertThat(exit).isEqualTo(2);
        assertThat(errors.toString()).contains("expected whole seconds from PT1S to P30D");
        assertThat(ingest.requests).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "run",
                "runs",
                "watch RUN",
                "cancel RUN",
                "reconcile RUN",
                "windows",
                "replay RUN",
                "redrive RUN",
                "plan"
            })
    void everyCommandThatAsksSendsTheTokenAndNeverShowsIt(String command) throws IOException {
        // Given
        token("tok.en_0123456789==\n", "rw-------"); // nothing is scripted: each request is answered by 404
        // When
        int exit = asked((command.replace("RUN", FakeIngest.ID) + " --token-file=token").split(" "));
        // Then
        assertThat(exit).isEqualTo(2);
        assertThat(ingest.authorizations).containsExactly("Bearer tok.en_0123456789==");
        assertThat(printed() + errors + progress).doesNotContain("tok.en");
    }

    @ParameterizedTest
    @CsvSource({
        "rw-r-----, 's3cret', can be read by others",
        "rw----r--, 's3cret', can be read by others",
        "rw-------, 'runs:read s3cret', the token and nothing else",
        "rw-------, 's3cret\ns3cret', the token and nothing else",
        "rw-------, '', the token and nothing else",
    })
    void aTokenFileThatIsNotFitIsRefusedWithoutQuotingIt(String mode, String content, String expected)
            throws IOException {
        // Given
        token(content, mode);
        // When
        int exit = asked("runs", "--token-file=token");
        // Then
        assertThat(exit).isEqualTo(2);
        assertThat(errors.toString()).contains("--token-file token", expected).doesNotContain("s3cret");
        assertThat(ingest.requests).isEmpty();
    }

    @Test
    void aTokenIsNotSentInClearToAnotherMachine() throws IOException {
        // Given
        token("s3cret", "rw-------");
        // When
        int exit = etl("runs", "--token-file=token", "--url=http://etl.example:8080");
        // Then
        assertThat(exit).isEqualTo(2);
        assertThat(errors.toString()).contains("would be readable on its way to http://etl.example:8080");
    }

    @ParameterizedTest
    @CsvSource({"401, a token that is known there", "403, a token that may do this"})
    void whoIsNotLetInIsToldOfTheTokenFile(int status, String expected) {
        // Given
        ingest.answer("GET /api/v1/runs?limit=50", status, FakeIngest.problem(status, "No", "a token is needed"));
        // When
        int exit = asked("runs");
        // Then
        assertThat(exit).isEqualTo(2);
        assertThat(errors.toString())
                .contains("answers " + status + " No: a token is needed; --token-file names the file with " + expected);
    }

    private void token(String content, String mode) throws IOException {
        Path file = Files.writeString(home.resolve("token"), content);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }
}

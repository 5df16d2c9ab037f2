package io.tributary.etl;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.embedded.Addresses;
import io.tributary.embedded.StackFile;
import io.tributary.embedded.StreamJob;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** A command that has the stream's bounded jobs done, beside the stack that is up in the folder. */
abstract class JobCommand extends ApiCommand {
    JobCommand(Surroundings around) {
        super(around);
    }

    /** Of the stack in the folder, all parts that a job needs. */
    Addresses addresses() {
        return stack().map(StackFile::addresses)
                .filter(at -> at.kafkaBootstrap().isPresent()
                        && at.registryUrl().isPresent()
                        && at.cassandraContact().isPresent())
                .orElseThrow(() -> EtlFailure.broken(
                        "no whole stack is up in " + Text.path(data(), around.here())
                                + "; start one with: ./etl up. Elsewhere: spark-submit --class"
                                + " io.tributary.stream.StreamJob",
                        null));
    }

    /** Waits for its end, which comes by itself; gives what it says it did. */
    JsonNode job(Addresses at, String... arguments) throws InterruptedException {
        Process job;
        String said;
        try {
            job = StreamJob.start(around.home(), data(), at, List.of(arguments));
        } catch (IOException e) {
            throw EtlFailure.broken("the job can not be started: " + e.getMessage(), e);
        }
        Hooks hooks = Hooks.onEnd(job::destroy);
        try {
            said = new String(job.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw EtlFailure.broken("the job was not heard to its end: " + e.getMessage(), e);
        } finally {
            hooks.close();
        }
        int exit = job.waitFor();
        if (exit != 0) {
            Path log = data().resolve("logs").resolve("stream-job.log");
            keep(said, log);
            throw EtlFailure.broken("the job ended with " + exit + ", see " + Text.path(log, around.here()), null);
        }
        return said.lines()
                .filter(line -> line.startsWith("{"))
                .reduce((earlier, later) -> later)
                .map(Json::parse)
                .orElseThrow(() -> EtlFailure.broken("the job does not say what it did", null));
    }

    private static void keep(String said, Path log) {
        try {
            Files.writeString(log, said, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw EtlFailure.broken("the job has failed, and " + log + " can not be written: " + said, e);
        }
    }
}

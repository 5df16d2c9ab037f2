package io.tributary.etl;

import io.tributary.embedded.StackFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;

@CommandLine.Command(
        name = "down",
        description = {"End the stack that is up, or on its way up, in the folder. What it keeps stays.", ""},
        sortOptions = false)
final class DownCommand extends Command {
    private static final Duration GONE_WITHIN = Duration.ofSeconds(45);
    private static final long LOOK_MS = 100;

    DownCommand(Surroundings around) {
        super(around);
    }

    @Override
    ExitCode execute() throws IOException, InterruptedException {
        long beganNs = around.nanos().getAsLong();
        List<ProcessHandle> processes = new ArrayList<>();
        Optional<ProcessHandle> launcher = launcher();
        processes.addAll(parts());
        launcher.ifPresent(processes::add);
        String where = Text.path(data(), around.here());
        if (processes.isEmpty()) {
            say("nothing is up in " + where, 0, 0);
            return ExitCode.OK;
        }
        launcher.ifPresent(ProcessHandle::destroy); // SIGTERM; without a launcher the parts are ending by themselves
        long untilNs = beganNs + GONE_WITHIN.toNanos();
        while (processes.stream().anyMatch(ProcessHandle::isAlive)) {
            if (around.nanos().getAsLong() > untilNs) {
                String left = String.join(
                        ", ",
                        processes.stream()
                                .filter(ProcessHandle::isAlive)
                                .map(p -> String.valueOf(p.pid()))
                                .toList());
                throw EtlFailure.broken("still there after " + GONE_WITHIN.toSeconds() + " s: process " + left, null);
            }
            Thread.sleep(LOOK_MS);
        }
        Duration took = Duration.ofNanos(around.nanos().getAsLong() - beganNs);
        String ended = "ended the stack in " + where + ": " + processes.size()
                + (processes.size() == 1 ? " process in " : " processes in ") + Text.seconds(took);
        say(ended, processes.size(), Text.exact(took));
        return ExitCode.OK;
    }

    private void say(String line, int ended, double seconds) {
        print(Json.object().put("ended", ended).put("seconds", seconds), List.of(line));
    }

    /** Who holds the folder: the lock is the proof that the id in it is the launcher's, also while the stack is starting. */
    private Optional<ProcessHandle> launcher() throws IOException {
        Optional<ProcessHandle> known = stack().flatMap(stack -> ProcessHandle.of(stack.launcherPid()));
        if (known.isPresent()) {
            return known;
        }
        Path lock = data().resolve("lock");
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            var held = channel.tryLock();
            if (held != null) {
                held.release();
                return Optional.empty();
            }
            String pid = Files.readString(lock).strip();
            return pid.matches("[0-9]{1,10}") ? ProcessHandle.of(Long.parseLong(pid)) : Optional.empty();
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** The parts named in the folder's file that still run; an id that began after the file was written is another's. */
    private List<ProcessHandle> parts() throws IOException {
        Optional<StackFile> file = StackFile.read(data());
        if (file.isEmpty()) {
            return List.of();
        }
        Instant written =
                Files.getLastModifiedTime(data().resolve("stack.json")).toInstant();
        return file.get().pids().values().stream()
                .flatMap(pid -> ProcessHandle.of(pid).stream())
                .filter(process -> process.info()
                        .startInstant()
                        .filter(start -> !start.isAfter(written.plusSeconds(1)))
                        .isPresent())
                .toList();
    }
}

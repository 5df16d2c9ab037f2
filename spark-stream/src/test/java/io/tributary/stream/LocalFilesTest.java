package io.tributary.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.spark.sql.execution.streaming.checkpointing.CheckpointFileManager;
import org.apache.spark.sql.execution.streaming.checkpointing.FileSystemBasedCheckpointFileManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** As Spark uses it for a checkpoint. */
class LocalFilesTest {
    @TempDir
    private Path folder;

    @Test
    void aFileIsThereWholeOrNotAtAllAndNothingIsBesideIt() throws IOException {
        // Given
        CheckpointFileManager files = new FileSystemBasedCheckpointFileManager(at("log"), configuration());
        files.mkdirs(at("log"));
        // When
        try (var out = files.createAtomic(at("log/7"), false)) {
            out.write("seven".getBytes(StandardCharsets.UTF_8));
            assertThat(folder.resolve("log/7")).doesNotExist();
        }
        files.createAtomic(at("log/8"), false).cancel();
        // Then
        assertThat(folder.resolve("log/7")).hasContent("seven");
        try (Stream<Path> there = Files.list(folder.resolve("log"))) {
            assertThat(there.map(file -> file.getFileName().toString())).containsExactly("7");
        }
    }

    @Test
    void permissionsAreSet() throws IOException {
        // Given
        Files.createFile(folder.resolve("secret"));
        // When
        try (FileSystem files = at("secret").getFileSystem(configuration())) {
            files.setPermission(at("secret"), new FsPermission("640"));
        }
        // Then
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("secret"))))
                .isEqualTo("rw-r-----");
    }

    private org.apache.hadoop.fs.Path at(String name) {
        return new org.apache.hadoop.fs.Path(folder.resolve(name).toUri());
    }

    private static Configuration configuration() {
        Configuration configuration = new Configuration();
        configuration.set("fs.file.impl", LocalFiles.class.getName());
        configuration.setBoolean("fs.file.impl.disable.cache", true);
        return configuration;
    }
}

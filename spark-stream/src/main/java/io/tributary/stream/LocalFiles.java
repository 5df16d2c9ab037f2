package io.tributary.stream;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;

/**
 * Hadoop's local file system, quick enough for the small files that every micro-batch writes. Hadoop's own begins a process,
 * {@code chmod}, for each file and folder where its native library is missing, and writes a checksum beside each file.
 * Hadoop makes this by name, so it is public and has no arguments.
 */
public final class LocalFiles extends LocalFileSystem {
    /** Without checksums: Spark's own are in its state files, and a log of offsets is a few lines of text. */
    public LocalFiles() {
        super(new Raw());
        setWriteChecksum(false);
        setVerifyChecksum(false);
    }

    private static final class Raw extends RawLocalFileSystem {
        @Override
        public void setPermission(Path path, FsPermission permission) throws IOException {
            String bits = permission.getUserAction().SYMBOL
                    + permission.getGroupAction().SYMBOL
                    + permission.getOtherAction().SYMBOL;
            Files.setPosixFilePermissions(pathToFile(path).toPath(), PosixFilePermissions.fromString(bits));
        }
    }
}

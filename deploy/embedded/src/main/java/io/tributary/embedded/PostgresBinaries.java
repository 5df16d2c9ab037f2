package io.tributary.embedded;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.UUID;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/** PostgreSQL's programs, unpacked once from the jar of the build's platform into the module's {@code target/dist}. */
record PostgresBinaries(ClassPaths classPaths) {
    private static final int EXECUTABLE = 0b001_000_000;
    private static final int XZ_MEMORY_KIB = 256 * 1024;

    /** A folder with {@code bin/postgres} and {@code bin/initdb}. */
    Path folder() throws IOException {
        Path jar = classPaths.jarsOfServer("postgres").get(0);
        String version = jar.getFileName().toString().replaceFirst("[.]jar$", "");
        Path folder = classPaths.server("postgres").resolve("target/dist").resolve(version);
        if (!Files.isDirectory(folder)) {
            Path half = folder.resolveSibling(version + ".new-" + UUID.randomUUID());
            Files.createDirectories(half);
            unpack(jar, half);
            rename(half, folder);
        }
        return folder;
    }

    /** The first of several stacks wins; what the others unpacked is the same. */
    private static void rename(Path half, Path folder) throws IOException {
        try {
            Files.move(half, folder, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            DataDir.delete(half);
            if (!Files.isDirectory(folder)) {
                throw e;
            }
        }
    }

    private static void unpack(Path jar, Path folder) throws IOException {
        try (ZipInputStream zip = new ZipInputStream(new BufferedInputStream(Files.newInputStream(jar)))) {
            ZipEntry entry = zip.getNextEntry();
            while (entry != null && !entry.getName().endsWith(".txz")) {
                entry = zip.getNextEntry();
            }
            if (entry == null) {
                throw new IOException("no .txz in " + jar);
            }
            untar(new TarArchiveInputStream(new XZInputStream(new BufferedInputStream(zip), XZ_MEMORY_KIB)), folder);
        }
    }

    private static void untar(TarArchiveInputStream tar, Path folder) throws IOException {
        for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
            Path target = folder.resolve(entry.getName()).normalize();
            if (!target.startsWith(folder)) {
                throw new IOException("outside of the archive's folder: " + entry.getName());
            }
            if (entry.isDirectory()) {
                Files.createDirectories(target);
                continue;
            }
            Path parent = target.getParent();
            if (parent != null) {
                Files.createDirectories(parent);
            }
            if (entry.isSymbolicLink()) {
                link(target, entry.getLinkName());
            } else if (entry.isLink()) {
                Files.createLink(target, folder.resolve(entry.getLinkName()).normalize());
            } else {
                file(tar, target, entry.getMode());
            }
        }
    }

    private static void link(Path target, String to) throws IOException {
        try {
            Files.createSymbolicLink(target, Path.of(to));
        } catch (FileAlreadyExistsException e) {
            Files.delete(target);
            Files.createSymbolicLink(target, Path.of(to));
        }
    }

    private static void file(InputStream content, Path target, int mode) throws IOException {
        Files.copy(content, target, StandardCopyOption.REPLACE_EXISTING);
        if ((mode & EXECUTABLE) != 0) {
            Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }
}

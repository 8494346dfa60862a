package io.terway.agent.policy;

import io.terway.wire.policy.v1.PolicyUpdate;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.zip.CRC32C;
import org.jboss.logging.Logger;

/**
 * The copy on disk of what policy-service said, so that a restarted agent enforces it while everything else is down. A
 * checksum, then one message. It is not synced: what a power loss takes along, the pods go with.
 */
final class PolicyCopy {

    private static final Logger LOG = Logger.getLogger(PolicyCopy.class);

    private final Path file;

    PolicyCopy(Path file) {
        this.file = file;
    }

    /** What was stored last; nothing known when there is none or it is damaged, so that new pods are isolated. */
    PolicyMemory load() {
        if (!Files.exists(file)) {
            return PolicyMemory.EMPTY;
        }
        try {
            ByteBuffer stored = ByteBuffer.wrap(Files.readAllBytes(file));
            long checksum = stored.getLong();
            if (checksum != checksum(stored.slice())) {
                throw new IOException("its checksum is wrong");
            }
            return PolicyMemory.EMPTY.after(List.of(PolicyUpdate.parseFrom(stored)));
        } catch (IOException | IllegalArgumentException | BufferUnderflowException e) {
            return damaged(e);
        }
    }

    /** Replaces the copy. */
    void store(PolicyMemory memory) {
        byte[] message = memory.whole().toByteArray();
        ByteBuffer out = ByteBuffer.allocate(Long.BYTES + message.length);
        out.putLong(checksum(ByteBuffer.wrap(message))).put(message);
        Path next = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.write(next, out.array());
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            LOG.warnf(
                    "policy is in force, but a restart would not know it: %s cannot be written: %s",
                    file, e.getMessage());
        }
    }

    private PolicyMemory damaged(Exception e) {
        LOG.warnf("%s is unreadable (%s): new pods are isolated until policy-service answers", file, e);
        return PolicyMemory.EMPTY;
    }

    private static long checksum(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return crc.getValue();
    }
}

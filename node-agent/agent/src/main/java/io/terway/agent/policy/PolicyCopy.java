package io.terway.agent.policy;

import com.google.protobuf.CodedInputStream;
import io.terway.wire.policy.v1.PolicyUpdate;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.jboss.logging.Logger;

/**
 * The copy on disk of what policy-service said, so that a restarted agent enforces it while everything else is down: a
 * whole state, then revision after revision, each a frame with a checksum, until the revisions weigh as much as the state.
 * It is not synced: what a power loss takes along, the pods go with. One thread.
 */
final class PolicyCopy {

    private static final Logger LOG = Logger.getLogger(PolicyCopy.class);

    private static final int FRAME_HEADER = Integer.BYTES + Long.BYTES;

    /** Revisions that may follow a small state. */
    private static final long LEAST_TAIL_BYTES = 256 * 1024;

    private final Path file;

    /** Bytes of the state, and of what follows it; a negative state: the file must be written anew. */
    private long state = -1;

    private long tail;

    PolicyCopy(Path file) {
        this.file = file;
    }

    /**
     * What was stored last; nothing known when there is none or it is damaged, so that new pods are isolated. Of revisions
     * that a crash cut off the ones before count.
     */
    PolicyMemory load() {
        if (!Files.exists(file)) {
            return PolicyMemory.EMPTY;
        }
        PolicyMemory memory = PolicyMemory.EMPTY;
        boolean any = false;
        try {
            ByteBuffer stored = ByteBuffer.wrap(Files.readAllBytes(file));
            while (!any || stored.hasRemaining()) {
                memory = memory.after(frame(stored));
                any = true;
            }
        } catch (IOException | IllegalArgumentException | BufferUnderflowException e) {
            if (!any) {
                LOG.warnf("%s is unreadable (%s): new pods are isolated until policy-service answers", file, e);
            } else {
                LOG.warnf("the end of %s is unreadable (%s): what was said before it is enforced", file, e);
            }
        }
        return memory;
    }

    /** Adds what was said since; costs what that weighs, but for now and then. */
    void append(List<PolicyUpdate> said, PolicyMemory now) {
        try {
            byte[] frame = frame(said);
            if (state < 0 || tail + frame.length > Math.max(state, LEAST_TAIL_BYTES)) {
                store(now);
                return;
            }
            Files.write(file, frame, StandardOpenOption.APPEND);
            tail += frame.length;
        } catch (IOException e) {
            unwritten(e);
        }
    }

    /** Replaces the copy. */
    void store(PolicyMemory memory) {
        Path next = file.resolveSibling(file.getFileName() + ".new");
        try {
            byte[] whole = frame(List.of(memory.whole()));
            Files.write(next, whole);
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            state = whole.length;
            tail = 0;
        } catch (IOException e) {
            unwritten(e);
        }
    }

    /** What was written in part is written anew next time. */
    private void unwritten(IOException e) {
        state = -1;
        LOG.warnf(
                "policy is in force, but a restart would not know it: %s cannot be written: %s", file, e.getMessage());
    }

    private static byte[] frame(List<PolicyUpdate> messages) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (PolicyUpdate message : messages) {
            message.writeDelimitedTo(body);
        }
        byte[] bytes = body.toByteArray();
        return ByteBuffer.allocate(FRAME_HEADER + bytes.length)
                .putInt(bytes.length)
                .putLong(checksum(ByteBuffer.wrap(bytes)))
                .put(bytes)
                .array();
    }

    private static List<PolicyUpdate> frame(ByteBuffer in) throws IOException {
        int length = in.getInt();
        long checksum = in.getLong();
        if (length < 0 || length > in.remaining()) {
            throw new IOException("it ends too early");
        }
        ByteBuffer body = in.slice(in.position(), length);
        in.position(in.position() + length);
        if (checksum != checksum(body.duplicate())) {
            throw new IOException("its checksum is wrong");
        }
        List<PolicyUpdate> messages = new ArrayList<>();
        CodedInputStream stream = CodedInputStream.newInstance(body);
        while (!stream.isAtEnd()) {
            messages.add(PolicyUpdate.parseFrom(stream.readByteArray()));
        }
        return messages;
    }

    private static long checksum(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return crc.getValue();
    }
}

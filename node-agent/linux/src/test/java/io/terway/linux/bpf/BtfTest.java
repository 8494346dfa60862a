package io.terway.linux.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.linux.ffm.Errno;
import io.terway.linux.ffm.KernelRefusal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Finding functions in descriptions of types that are made here, of a kernel and of a module on top of it. */
class BtfTest {

    private static final EnumSet<KernelFunction> ALL = EnumSet.allOf(KernelFunction.class);

    @TempDir
    private Path descriptions;

    private final ByteArrayOutputStream types = new ByteArrayOutputStream();
    private final ByteArrayOutputStream strings = new ByteArrayOutputStream();

    /** A type with so many members of so many bytes, and where its name stands. */
    private void type(int kind, int name, int members, int memberBytes) {
        ByteBuffer type = ByteBuffer.allocate(12 + members * memberBytes).order(ByteOrder.nativeOrder());
        type.putInt(name).putInt(kind << 24 | (memberBytes == 4 ? 0 : members)).putInt(0);
        types.writeBytes(type.array());
    }

    private int string(String text, int before) {
        int at = before + strings.size();
        strings.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
        strings.write(0);
        return at;
    }

    private byte[] description() {
        ByteBuffer file =
                ByteBuffer.allocate(24 + types.size() + strings.size()).order(ByteOrder.nativeOrder());
        file.putShort((short) 0xeb9f).put((byte) 1).put((byte) 0).putInt(24);
        file.putInt(0).putInt(types.size()).putInt(types.size()).putInt(strings.size());
        file.put(types.toByteArray()).put(strings.toByteArray());
        types.reset();
        strings.reset();
        return file.array();
    }

    /** An int, a structure of three, a function of another name, the lookup and a structure of its name. */
    private byte[] kernel() {
        string("", 0);
        int lookup = string("bpf_skb_ct_lookup", 0);
        int other = string("bpf_skb_ct_lookup_more", 0);
        string("bpf_ct_release", 0);
        type(1, 0, 1, 4);
        type(4, lookup, 3, 12);
        type(12, other, 0, 0);
        type(12, lookup, 0, 0);
        type(13, 0, 2, 8);
        return description();
    }

    @Test
    void functionsAreNumberedAsTypesAreCounted() {
        assertEquals(
                Map.of(KernelFunction.BPF_SKB_CT_LOOKUP, 4),
                Btf.of(ByteBuffer.wrap(kernel())).find(ALL));
    }

    @Test
    void aModulesNumbersAndNamesGoOnWhereTheKernelsEnd() {
        byte[] kernel = kernel();
        Btf base = Btf.of(ByteBuffer.wrap(kernel));
        int length = "\0bpf_skb_ct_lookup\0bpf_skb_ct_lookup_more\0bpf_ct_release\0".length();
        int own = string("bpf_ct_change_timeout", length);
        type(6, 0, 4, 8);
        type(12, own, 0, 0);
        type(12, "\0bpf_skb_ct_lookup\0bpf_skb_ct_lookup_more\0".length(), 0, 0);

        assertEquals(
                Map.of(KernelFunction.BPF_CT_CHANGE_TIMEOUT, 7, KernelFunction.BPF_CT_RELEASE, 8),
                Btf.of(ByteBuffer.wrap(description()), base).find(ALL));
    }

    @Test
    void aKernelWithoutThemIsRefusedByTheNameOfWhatIsMissing() throws IOException {
        Files.write(descriptions.resolve("vmlinux"), kernel());

        KernelRefusal refusal = assertThrows(KernelRefusal.class, () -> KernelFunctions.find(ALL, descriptions));

        assertEquals(Errno.ENOENT, refusal.errno());
        assertTrue(refusal.getMessage().contains("it has no bpf_ct_change_timeout, which Linux has since 6.0"));
    }

    @Test
    void aKernelThatDoesNotDescribeItselfIsRefusedToo() throws IOException {
        assertThrows(KernelRefusal.class, () -> KernelFunctions.find(ALL, descriptions));
        Files.write(descriptions.resolve("vmlinux"), new byte[30]);
        assertThrows(KernelRefusal.class, () -> KernelFunctions.find(ALL, descriptions));
    }
}

package io.terway.lab.fabric;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.terway.lab.Refusal;
import io.terway.lab.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Joins members to the links of their trunks with {@code tc}, whose filters stay when this process ends. */
final class Tagging {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Tagging() {}

    /** Safe to repeat. A trunk whose link is gone took its filters along. */
    static void unbind(String netns, List<FabricOp.UnbindTag> unbinds) {
        for (FabricOp.UnbindTag unbind : unbinds) {
            Shell.run(
                    List.of(
                            "tc",
                            "-n",
                            netns,
                            "filter",
                            "del",
                            "dev",
                            Port.linkOf(unbind.tag().trunk()),
                            "ingress",
                            "pref",
                            Integer.toString(unbind.tag().vlan())),
                    "");
        }
    }

    /** @throws Refusal when the kernel takes no programs from us, as in a user namespace */
    static void bind(String netns, List<FabricOp.BindTag> binds) {
        if (binds.isEmpty()) {
            return;
        }
        StringBuilder aliases = new StringBuilder();
        for (FabricOp.BindTag bind : binds) {
            join(
                    netns,
                    Port.linkOf(bind.tag().trunk()),
                    Port.memberEndOf(bind.eni()),
                    bind.tag().vlan());
            aliases.append("link set dev " + Port.linkOf(bind.eni()) + " alias " + FabricScript.alias(bind) + "\n");
        }
        Shell.need(List.of("ip", "-n", netns, "-batch", "-"), aliases.toString());
    }

    /** Frames under this tag on {@code trunk} are those that {@code member} gets and sends without it. */
    static void join(String netns, String trunk, String member, int vlan) {
        Map<String, Integer> indexes = indexes(netns);
        List<Path> files = new ArrayList<>();
        try {
            files.add(program(TagProgram.pop(vlan, index(indexes, member))));
            files.add(program(TagProgram.push(vlan, index(indexes, trunk))));
            Shell.need(
                    List.of("tc", "-n", netns, "-batch", "-"),
                    filter(trunk, vlan, files.getFirst()) + filter(member, 1, files.getLast()));
        } catch (IOException e) {
            throw new Refusal("cannot write a program for tc: " + e.getMessage());
        } finally {
            files.forEach(file -> file.toFile().delete());
        }
    }

    /** Replaces, so that what a crash left half done does not stand in the way. */
    private static String filter(String link, int preference, Path program) {
        return "qdisc replace dev " + link + " clsact\nfilter replace dev " + link + " ingress pref " + preference
                + " handle 1 protocol all bpf direct-action object-file " + program + " section tc\n";
    }

    private static Path program(byte[] elf) throws IOException {
        return Files.write(Files.createTempFile("terway-lab-tag", ".o"), elf);
    }

    private static int index(Map<String, Integer> indexes, String link) {
        Integer index = indexes.get(link);
        if (index == null) {
            throw new Refusal("there is no link " + link);
        }
        return index;
    }

    private static Map<String, Integer> indexes(String netns) {
        Map<String, Integer> indexes = new HashMap<>();
        try {
            for (JsonNode link : JSON.readTree(Shell.need(List.of("ip", "-j", "-n", netns, "link", "show"), ""))) {
                indexes.put(link.path("ifname").asText(), link.path("ifindex").asInt());
            }
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("ip printed what is not JSON: " + e.getOriginalMessage(), e);
        }
        return indexes;
    }
}

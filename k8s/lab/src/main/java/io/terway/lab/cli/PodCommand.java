package io.terway.lab.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.lab.Refusal;
import io.terway.lab.cluster.Control;
import io.terway.lab.pod.PodSpec;
import io.terway.net.PodRef;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "pod",
        description = "Adds, enters, checks and deletes pods, as kubelet and a container runtime do.",
        subcommands = {PodCommand.Add.class, PodCommand.Exec.class, PodCommand.Check.class, PodCommand.Del.class})
final class PodCommand implements Runnable {
    @ParentCommand
    Lab lab;

    @Override
    public void run() {
        throw new Refusal("lab pod needs add, exec, check or del", Refusal.USAGE);
    }

    /** Refused here already, so that a bad name costs no round trip. */
    private static String checked(String text) {
        return PodRef.parse(text).toString();
    }

    @Command(
            name = "add",
            description = "Creates the pod object and a network namespace, and runs the node's CNI chain.")
    static final class Add implements Callable<Integer> {
        @ParentCommand
        PodCommand pods;

        @Parameters(paramLabel = "NS/NAME")
        String pod;

        @Option(names = "--node", required = true, paramLabel = "NODE")
        String node;

        @Option(names = "--label", paramLabel = "K=V", description = "may be repeated")
        List<String> labels = List.of();

        @Option(names = "--annotation", paramLabel = "K=V", description = "may be repeated")
        List<String> annotations = List.of();

        @Option(
                names = "--port",
                paramLabel = "NAME=N/PROTO",
                description = "container port; N:HOST publishes it on the node")
        List<String> ports = List.of();

        @Override
        public Integer call() {
            ObjectNode request =
                    Control.request("pod-add").put("pod", checked(pod)).put("node", node);
            ObjectNode labelMap = request.putObject("labels");
            PodSpec.pairs("--label", labels).forEach(labelMap::put);
            ObjectNode annotationMap = request.putObject("annotations");
            PodSpec.pairs("--annotation", annotations).forEach(annotationMap::put);
            ArrayNode portList = request.putArray("ports");
            for (String port : ports) {
                PodSpec.Port.parse(port);
                portList.add(port);
            }
            JsonNode added = pods.lab.ask(request);
            List<String> ips = new ArrayList<>();
            added.path("ips").forEach(ip -> ips.add(ip.asText()));
            pods.lab.print(
                    added,
                    pod + " on " + node + " has " + String.join(", ", ips) + " after "
                            + added.path("millis").asText() + " ms\n"
                            + added.path("result").toPrettyString());
            return 0;
        }
    }

    @Command(name = "exec", description = "Runs a command of this machine in the pod's network namespace.")
    static final class Exec implements Callable<Integer> {
        @ParentCommand
        PodCommand pods;

        @Parameters(index = "0", paramLabel = "NS/NAME")
        String pod;

        @Parameters(index = "1..*", arity = "1..*", paramLabel = "CMD", description = "command and arguments, after --")
        List<String> command;

        @Override
        public Integer call() {
            List<String> words = command.getFirst().equals("--") ? command.subList(1, command.size()) : command;
            String netns = pods.lab
                    .ask(Control.request("pod-netns").put("pod", checked(pod)))
                    .path("netns")
                    .asText();
            return Entry.run(pods.lab.layout(), netns, words);
        }
    }

    @Command(name = "check", description = "Runs CNI CHECK: is the pod's network as its ADD left it?")
    static final class Check implements Callable<Integer> {
        @ParentCommand
        PodCommand pods;

        @Parameters(paramLabel = "NS/NAME")
        String pod;

        @Override
        public Integer call() {
            JsonNode answer = pods.lab.ask(Control.request("pod-check").put("pod", checked(pod)));
            pods.lab.print(answer, pod + " is intact (" + answer.path("millis").asText() + " ms)");
            return 0;
        }
    }

    @Command(name = "del", description = "Runs CNI DEL and removes the network namespace and the pod object.")
    static final class Del implements Callable<Integer> {
        @ParentCommand
        PodCommand pods;

        @Parameters(paramLabel = "NS/NAME")
        String pod;

        @Override
        public Integer call() {
            JsonNode answer = pods.lab.ask(Control.request("pod-del").put("pod", checked(pod)));
            pods.lab.print(answer, pod + " is gone (" + answer.path("millis").asText() + " ms)");
            return 0;
        }
    }
}

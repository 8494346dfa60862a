package io.terway.agent;

import java.io.IOException;
import java.io.OutputStream;

/** The model of ipam-service as a process of its own, in the node's namespace. Ends with its standard input. */
final class IpamModelMain {

    private IpamModelMain() {}

    /**
     * @param args port, number of addresses offered, number of pods known (p0, p1, ...), cool-down in milliseconds,
     *     IP stack, true when host ports are the agent's own
     */
    public static void main(String[] args) throws IOException {
        try (IpamModel model = new IpamModel(Integer.parseInt(args[0]))) {
            model.coolDown(Integer.parseInt(args[3]));
            model.ipStack(args[4]);
            if (Boolean.parseBoolean(args[5])) {
                model.ownHostPorts();
            }
            model.offer(1, Integer.parseInt(args[1]));
            for (int i = 0; i < Integer.parseInt(args[2]); i++) {
                model.push("p" + i);
            }
            System.out.println("serving");
            System.in.transferTo(OutputStream.nullOutputStream());
        }
    }
}

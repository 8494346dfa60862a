package io.terway.cni;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** Frames as the plugin makes them. */
public final class Frames {

    public static final String CONFIG = "{\"cniVersion\":\"1.0.0\",\"name\":\"terway\",\"type\":\"terway\"}";

    private Frames() {}

    /** A call of a runtime for one sandbox of a pod in the namespace default. */
    public static byte[] call(String verb, String container, String pod, Path netns, Duration started, String config) {
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("CNI_COMMAND", verb);
        environment.put("CNI_CONTAINERID", container);
        environment.put("CNI_NETNS", netns.toString());
        environment.put("CNI_IFNAME", "eth0");
        environment.put(
                "CNI_ARGS",
                "IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=" + pod + ";K8S_POD_UID=uid-" + pod);
        return of(started, environment, config);
    }

    public static byte[] of(Duration started, Map<String, String> environment, String config) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(("TERWAY/1 " + started.toNanos() + "\n").getBytes(StandardCharsets.US_ASCII));
        environment.forEach((k, v) -> out.writeBytes((k + "=" + v + "\0").getBytes(StandardCharsets.UTF_8)));
        out.write(0);
        out.writeBytes(config.getBytes(StandardCharsets.UTF_8));
        return out.toByteArray();
    }
}

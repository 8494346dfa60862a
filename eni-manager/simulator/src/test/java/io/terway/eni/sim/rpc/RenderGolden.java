package io.terway.eni.sim.rpc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class RenderGolden {

    private final Fields answer = Fields.of()
            .put("RequestId", "R")
            .put("Text", "a\"b\\c<é中😀&>/\n")
            .put("Count", 3)
            .put("Yes", true)
            .list("Sets", "Set", List.of("x", "y"), v -> Fields.of().put("Id", v))
            .texts("Empty", "Item", List.of());

    @Test
    void jsonWritesTextRawAndListsDoublyWrapped() {
        assertEquals(
                "{\"RequestId\":\"R\",\"Text\":\"a\\\"b\\\\c<é中😀&>/\\n\",\"Count\":3,\"Yes\":true,"
                        + "\"Sets\":{\"Set\":[{\"Id\":\"x\"},{\"Id\":\"y\"}]},\"Empty\":{\"Item\":[]}}",
                Render.JSON.write("", answer));
    }

    @Test
    void xmlRepeatsTheInnerName() {
        assertEquals(
                "<?xml version='1.0' encoding='UTF-8'?><Root><RequestId>R</RequestId>"
                        + "<Text>a\"b\\c&lt;é中😀&amp;&gt;/\n</Text><Count>3</Count><Yes>true</Yes>"
                        + "<Sets><Set><Id>x</Id></Set><Set><Id>y</Id></Set></Sets><Empty></Empty></Root>",
                Render.XML.write("Root", answer));
    }
}

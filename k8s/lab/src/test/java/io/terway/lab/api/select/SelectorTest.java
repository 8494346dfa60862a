package io.terway.lab.api.select;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.lab.api.kind.Resource;
import io.terway.lab.api.kind.Resources;
import io.terway.lab.api.object.Json;
import io.terway.lab.api.object.Refusal;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SelectorTest {

    private static final Resource PODS = new Resources().find("", "v1", "pods").orElseThrow();

    private static final ObjectNode POD = Json.parseObject("""
            {"metadata":{"name":"a","labels":{"app":"web","tier":"","k8s.io/x":"1"}},
             "spec":{"nodeName":"n1"},"status":{"phase":"Running"}}
            """.getBytes(StandardCharsets.UTF_8));

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|true",
                "app=web|true",
                "app==web|true",
                "app!=web|false",
                "none!=web|true",
                "app in (db, web)|true",
                "app notin (db)|true",
                "none notin (db)|true",
                "none in (db)|false",
                "app|true",
                "!app|false",
                "!none,app=web|true",
                "tier=|true",
                "k8s.io/x=1|true",
                "app=web,tier=front|false"
            })
    void labelSelectorsMeanWhatTheySay(String selector, boolean matches) {
        assertEquals(matches, LabelSelector.parse(selector).matches(POD.at("/metadata/labels")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"=", "a=b=c", "a in b", "a in (b", "(a)", "a b", ",", "a=b,", "a frob (b)", "-a=1"})
    void otherTextIsNoLabelSelector(String selector) {
        assertThrows(Refusal.class, () -> LabelSelector.parse(selector));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|true",
                "spec.nodeName=n1|true",
                "spec.nodeName!=n1|false",
                "status.phase!=Failed,metadata.name=a|true",
                "spec.hostNetwork=false|true",
                "status.podIP=|true"
            })
    void fieldSelectorsCompareFields(String selector, boolean matches) {
        assertEquals(matches, FieldSelector.parse(selector, PODS).matches(POD));
    }

    @Test
    void otherFieldsAreRefusedByName() {
        Refusal refused = assertThrows(Refusal.class, () -> FieldSelector.parse("spec.frob=1", PODS));

        assertEquals("field label not supported: spec.frob for pods", refused.getMessage());
    }
}

package io.terway.lab.api.patch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.lab.api.object.Json;
import io.terway.lab.api.object.Refusal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class PatchTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    /** JSON in single quotes. */
    private static ObjectNode json(String text) {
        return Json.parseObject(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    private static ObjectNode strategic(String target, String patch) {
        ObjectNode out = json(target);
        StrategicMerge.apply(out, json(patch));
        return out;
    }

    private static ObjectNode operations(String target, String... operations) {
        return JsonPatch.apply(
                json(target),
                Json.parse(("[" + String.join(",", operations) + "]")
                        .replace('\'', '"')
                        .getBytes(StandardCharsets.UTF_8)),
                "x");
    }

    @Test
    void mergePatchFollowsTheExamplesOfItsStandard() {
        ObjectNode target =
                json("{'title':'Goodbye!','author':{'givenName':'John','familyName':'Doe'},'tags':['a','b']}");

        MergePatch.apply(
                target,
                json("{'title':'Hello!','phone':'1','author':{'familyName':null},'tags':['c'],'x':{'y':null}}"));

        assertEquals(json("{'title':'Hello!','author':{'givenName':'John'},'tags':['c'],'phone':'1','x':{}}"), target);
    }

    @Test
    void listsWithKeysMergeByThem() {
        assertEquals(
                json(
                        "{'spec':{'containers':[{'name':'a','image':'2','env':[{'name':'E','value':'1'}]},{'name':'b'},{'name':'c'}]}}"),
                strategic(
                        "{'spec':{'containers':[{'name':'a','image':'1','env':[{'name':'E','value':'1'}]},{'name':'b'}]}}",
                        "{'spec':{'containers':[{'name':'a','image':'2'},{'name':'c'}]}}"));
    }

    @Test
    void listsWithoutKeysAreReplaced() {
        assertEquals(
                json("{'spec':{'tolerations':[{'key':'b'}]}}"),
                strategic("{'spec':{'tolerations':[{'key':'a'}]}}", "{'spec':{'tolerations':[{'key':'b'}]}}"));
    }

    @Test
    void directivesDeleteReplaceAndOrder() {
        assertEquals(
                json("{'spec':{'volumes':[{'name':'b'}]}}"),
                strategic(
                        "{'spec':{'volumes':[{'name':'a'},{'name':'b'}]}}",
                        "{'spec':{'volumes':[{'name':'a','$patch':'delete'}]}}"));
        assertEquals(
                json("{'metadata':{'finalizers':['b']}}"),
                strategic(
                        "{'metadata':{'finalizers':['a','b']}}",
                        "{'metadata':{'$deleteFromPrimitiveList/finalizers':['a']}}"));
        assertEquals(
                json("{'data':{'b':'2'}}"), strategic("{'data':{'a':'1'}}", "{'data':{'$patch':'replace','b':'2'}}"));
        assertEquals(
                json("{'spec':{'volumes':[{'name':'b'},{'name':'a'}]}}"),
                strategic(
                        "{'spec':{'volumes':[{'name':'a'}]}}",
                        "{'spec':{'$setElementOrder/volumes':[{'name':'b'},{'name':'a'}],'volumes':[{'name':'b'}]}}"));
    }

    @Test
    void anElementWithoutItsKeyIsRefused() {
        assertThrows(Refusal.class, () -> strategic("{}", "{'spec':{'containers':[{'image':'x'}]}}"));
    }

    @Test
    void operationsAddRemoveMoveCopyAndTest() {
        assertEquals(
                json("{'a':[1,9,3],'c':{'x/y':1},'d':1}"),
                operations(
                        "{'a':[1,2,3],'b':{'x/y':1}}",
                        "{'op':'test','path':'/a/1','value':2}",
                        "{'op':'replace','path':'/a/1','value':9}",
                        "{'op':'move','from':'/b','path':'/c'}",
                        "{'op':'copy','from':'/c/x~1y','path':'/d'}"));
    }

    @Test
    void operationsThatDoNotFitAreRefused() {
        for (String operation : new String[] {
            "{'op':'remove','path':'/none'}",
            "{'op':'test','path':'/a','value':2}",
            "{'op':'add','path':'/b/c','value':2}",
            "{'op':'frob','path':'/a'}",
            "{'op':'add','path':'a','value':1}",
            "{'op':'add'}"
        }) {
            assertThrows(Refusal.class, () -> operations("{'a':1}", operation), operation);
        }
    }

    @Test
    void anApplierRemovesOnlyWhatItAppliedAlone() {
        ObjectNode live = json("{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'m'}}");
        apply(live, "{'data':{'mine':'1','both':'1'}}", "first");
        apply(live, "{'data':{'both':'1','theirs':'1'}}", "second");

        apply(live, "{'metadata':{'labels':{'l':'1'}}}", "first");

        assertEquals(json("{'both':'1','theirs':'1'}"), live.get("data"));
        assertEquals(json("{'l':'1'}"), live.at("/metadata/labels"));
    }

    @Test
    void appliedListElementsAreRemovedByKey() {
        ObjectNode live = json("{'metadata':{},'spec':{'containers':[{'name':'foreign'}]}}");
        apply(live, "{'spec':{'containers':[{'name':'a','image':'1'},{'name':'b'}]}}", "first");

        apply(live, "{'spec':{'containers':[{'name':'a'}]}}", "first");

        assertEquals(json("{'containers':[{'name':'foreign'},{'name':'a'}]}"), live.get("spec"));
    }

    @Test
    void anObjectRemembersBoundedManagers() {
        ObjectNode live = json("{'metadata':{}}");
        for (int i = 0; i < ApplyPatch.MAX_MANAGERS + 5; i++) {
            apply(live, "{'data':{'a':'1'}}", "m" + i);
        }

        assertEquals(ApplyPatch.MAX_MANAGERS, live.at("/metadata/managedFields").size());
    }

    private static void apply(ObjectNode live, String change, String manager) {
        ApplyPatch.apply(live, json(change), false, new ApplyPatch.Writer(manager, ""), NOW);
    }
}

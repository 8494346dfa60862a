// Drives a twin with two generations of the official SDK: pop-core signs with version 1, ecs20140526 with version 3.
// Arguments: endpoint, access key id, secret. Prints one line "law=true" per law that holds.
const Pop = require('@alicloud/pop-core');
const Ecs = require('@alicloud/ecs20140526');
const OpenApi = require('@alicloud/openapi-client');

const [endpoint, accessKeyId, accessKeySecret] = process.argv.slice(2);
const region = 'cn-hangzhou';
const vSwitch = 'vsw-bp1pod-h';
const group = 'sg-bp1lab';
const node = 'i-bp1node00001';
const tell = (law, holds) => console.log(`${law}=${holds}`);
const refusal = async (call) => {
  try {
    await call();
    return 'none';
  } catch (e) {
    return e.code;
  }
};

async function popCore() {
  const client = new Pop({ endpoint: `http://${endpoint}`, apiVersion: '2014-05-26', accessKeyId, accessKeySecret });
  const call = (action, params) => client.request(action, { RegionId: region, ...params }, { method: 'POST' });
  const create = { VSwitchId: vSwitch, SecurityGroupId: group, SecondaryPrivateIpAddressCount: 2, ClientToken: 'pop-1', Description: 'a b*~é+中&' };
  const made = await call('CreateNetworkInterface', create);
  tell('popCreatesWithAddresses', made.PrivateIpSets.PrivateIpSet.length === 3);
  const again = await call('CreateNetworkInterface', create);
  tell('popTokenRepeatsNothing', again.NetworkInterfaceId === made.NetworkInterfaceId);
  const seen = await call('DescribeNetworkInterfaces', { 'NetworkInterfaceId.1': made.NetworkInterfaceId });
  tell('popReadsTextBack', seen.NetworkInterfaceSets.NetworkInterfaceSet[0].Description === create.Description);
  tell('popSeesTheCloudsCode', (await refusal(() => call('DeleteNetworkInterface', { NetworkInterfaceId: 'eni-none' }))) === 'InvalidEniId.NotFound');
  await call('DeleteNetworkInterface', { NetworkInterfaceId: made.NetworkInterfaceId });
  const wrong = new Pop({ endpoint: `http://${endpoint}`, apiVersion: '2014-05-26', accessKeyId, accessKeySecret: 'wrong' });
  tell('popWrongSecretIsRefused', (await refusal(() => wrong.request('DescribeRegions', {}))) === 'SignatureDoesNotMatch');
}

async function teaClient() {
  const config = (secret) => new OpenApi.Config({ accessKeyId, accessKeySecret: secret, endpoint, protocol: 'http', regionId: region });
  const client = new Ecs.default(config(accessKeySecret));
  const made = (await client.createNetworkInterface(new Ecs.CreateNetworkInterfaceRequest({
    regionId: region, vSwitchId: vSwitch, securityGroupIds: [group], secondaryPrivateIpAddressCount: 1,
    tag: [new Ecs.CreateNetworkInterfaceRequestTag({ key: 'creator', value: 'a b*~é+中' })], clientToken: 'tea-1',
  }))).body;
  tell('teaCreates', made.networkInterfaceId.startsWith('eni-') && made.status === 'Available');
  await client.attachNetworkInterface(new Ecs.AttachNetworkInterfaceRequest({ regionId: region, networkInterfaceId: made.networkInterfaceId, instanceId: node }));
  const describe = async () => (await client.describeNetworkInterfaces(new Ecs.DescribeNetworkInterfacesRequest({
    regionId: region, networkInterfaceId: [made.networkInterfaceId],
  }))).body.networkInterfaceSets.networkInterfaceSet[0];
  let eni = await describe();
  for (let i = 0; i < 200 && eni.status !== 'InUse'; i++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    eni = await describe();
  }
  tell('teaAttaches', eni.status === 'InUse' && eni.instanceId === node);
  tell('teaReadsTags', eni.tags.tag[0].tagValue === 'a b*~é+中');
  const given = (await client.assignPrivateIpAddresses(new Ecs.AssignPrivateIpAddressesRequest({
    regionId: region, networkInterfaceId: made.networkInterfaceId, secondaryPrivateIpAddressCount: 2,
  }))).body.assignedPrivateIpAddressesSet.privateIpSet.privateIpAddress;
  tell('teaAssigns', given.length === 2);
  const types = (await client.describeInstanceTypes(new Ecs.DescribeInstanceTypesRequest({ instanceTypes: ['ecs.g7.xlarge'] }))).body;
  tell('teaReadsLimits', types.instanceTypes.instanceType[0].eniQuantity === 4);
  const wrong = new Ecs.default(config('wrong'));
  tell('teaWrongSecretIsRefused', (await refusal(() => wrong.describeRegions(new Ecs.DescribeRegionsRequest({})))) === 'SignatureDoesNotMatch');
}

popCore().then(teaClient).catch((e) => {
  console.log(`failed=${e.code || ''} ${e.message}`);
  process.exit(1);
});

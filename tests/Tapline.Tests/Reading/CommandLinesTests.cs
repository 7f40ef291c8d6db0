using Tapline.Agent.Reading;

namespace Tapline.Tests.Reading;

public sealed class CommandLinesTests
{
    [Theory]
    [InlineData("--password hunter2 --verbose", "--password ... --verbose")]
    [InlineData("--os-password=hunter2", "--os-password=...")]
    [InlineData("--auth-token abc", "--auth-token ...")]
    [InlineData("--secret --next", "--secret --next")]
    [InlineData("-object secret,id=sec0,data=AAAA,format=base64", "-object secret,...")]
    [InlineData("-vnc 0.0.0.0:1,password=on", "-vnc 0.0.0.0:1,password=...")]
    [InlineData("--connection mysql://neutron:hunter2@db/neutron", "--connection mysql://...@db/neutron")]
    [InlineData("unix:/run/db.sock;api_key=1234,x=2", "unix:/run/db.sock;api_key=...,x=2")]
    [InlineData("--dhcp-hostsfile=/var/lib/x/host --user=nobody", "--dhcp-hostsfile=/var/lib/x/host --user=nobody")]
    [InlineData("-netdev tap,fd=30,id=hostnet0,vhost=on", "-netdev tap,fd=30,id=hostnet0,vhost=on")]
    public void Secrets_of_command_lines_are_not_shown(string line, string shown) =>
        Assert.Equal(shown, string.Join(' ', CommandLines.WithoutSecrets(line.Split(' '))));
}

using System.Globalization;
using CsCheck;
using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Tests.Primitives;

/// <summary>Each value prints as what it was read from, and nothing odd is read at all.</summary>
public sealed class PrimitiveTests
{
    private static readonly Gen<IpAddress> Addresses = Gen.Select(Gen.ULong, Gen.ULong, Gen.Int[0, 3]).Select((high, low, kind) => kind switch
    {
        0 => new IpAddress((uint)low, IsV6: false),
        1 => new IpAddress(new UInt128(high, low), IsV6: true),
        2 => new IpAddress(new UInt128(high & 0xffff_0000_0000_ffff, low & 0xffff_0000), IsV6: true),
        _ => new IpAddress(new UInt128(0, low & 0xffff_ffff_ffff), IsV6: true),
    });

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("255.255.255.255")]
    [InlineData("192.168.1.5")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("fe80::f816:3eff:fe00:1")]
    [InlineData("2001:db8::1:0:0:1")]
    [InlineData("2001:0:0:1::1")]
    [InlineData("1:2:3:4:5:6:7:8")]
    [InlineData("1:0:3:4:5:6:7:8")]
    [InlineData("::ffff:192.0.2.1")]
    [InlineData("::ffff:0.0.0.1")]
    [InlineData("::192.0.2.1")]
    [InlineData("fe80::5efe:c0a8:101")]
    [InlineData("64:ff9b::c000:201")]
    [InlineData("ffff::")]
    public void An_address_prints_as_inet_ntop_prints_it(string text) => Assert.Equal(text, IpAddress.Parse(text).ToString());

    [Fact]
    public void Addresses_go_round() => Addresses.Sample(address =>
    {
        Assert.Equal(address, IpAddress.Parse(address.ToString()));
        Assert.Equal(address, IpAddress.From(address.ToIPAddress()));
        Assert.Equal(address.ToString(), address.ToString().ToLowerInvariant());
    });

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("10")]
    [InlineData("10.1")]
    [InlineData("10.0.0.01")]
    [InlineData("10.0.0.0x1")]
    [InlineData("10.0.0.256")]
    [InlineData("10.0.0.1.2")]
    [InlineData(" 10.0.0.1")]
    [InlineData("10.0.0.1 ")]
    [InlineData("10.0.0.1/24")]
    [InlineData("10.0.0.1:80")]
    [InlineData("[::1]")]
    [InlineData("[::1]:80")]
    [InlineData("fe80::1%eth0")]
    [InlineData("1::2::3")]
    [InlineData(" ::1")]
    [InlineData("::1\n")]
    [InlineData("::g")]
    [InlineData("1:2:3:4:5:6:7:8:9")]
    public void What_is_no_address_is_refused(string? text)
    {
        Assert.False(IpAddress.TryParse(text, out _));
        Assert.False(IpPrefix.TryParse(text + "/8", out _));
    }

    [Fact]
    public void Addresses_are_ordered_as_numbers_v4_before_v6()
    {
        string[] sorted = ["9.0.0.0", "10.0.0.9", "10.0.0.10", "::", "2001:db8::"];

        Assert.Equal(sorted, sorted.Reverse().Select(IpAddress.Parse).Order().Select(address => address.ToString()));
    }

    [Theory]
    [InlineData("127.0.0.1", "loopback")]
    [InlineData("::1", "loopback")]
    [InlineData("224.0.0.1", "multicast")]
    [InlineData("ff02::1", "multicast")]
    [InlineData("169.254.1.1", "link-local")]
    [InlineData("fe80::1", "link-local")]
    [InlineData("febf::1", "link-local")]
    [InlineData("0.0.0.0", "unspecified")]
    [InlineData("::", "unspecified")]
    [InlineData("10.0.0.1", "")]
    [InlineData("fec0::1", "")]
    public void An_address_knows_what_it_is_for(string text, string kind)
    {
        var address = IpAddress.Parse(text);

        Assert.Equal(kind, address switch
        {
            { IsLoopback: true } => "loopback",
            { IsMulticast: true } => "multicast",
            { IsLinkLocal: true } => "link-local",
            { IsUnspecified: true } => "unspecified",
            _ => "",
        });
    }

    [Theory]
    [InlineData("10.1.2.3/8", "10.0.0.0/8", "10.0.0.0", "10.255.255.255")]
    [InlineData("10.1.2.3/0", "0.0.0.0/0", "0.0.0.0", "255.255.255.255")]
    [InlineData("10.1.2.3/32", "10.1.2.3/32", "10.1.2.3", "10.1.2.3")]
    [InlineData("fd00::7/64", "fd00::/64", "fd00::", "fd00::ffff:ffff:ffff:ffff")]
    [InlineData("fd00::7/0", "::/0", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("fd00::7/128", "fd00::7/128", "fd00::7", "fd00::7")]
    public void A_prefix_has_a_network_a_first_and_a_last(string text, string network, string first, string last)
    {
        var prefix = IpPrefix.Parse(text);

        Assert.Equal(text, prefix.ToString());
        Assert.Equal([network, first, last], [prefix.Network.ToString(), prefix.First.ToString(), prefix.Last.ToString()]);
        Assert.True(prefix.Contains(prefix.Address) && prefix.Contains(prefix.First) && prefix.Contains(prefix.Last));
    }

    [Theory]
    [InlineData("10.0.0.0")]
    [InlineData("10.0.0.0/")]
    [InlineData("/8")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0/-1")]
    [InlineData("10.0.0.0/+8")]
    [InlineData("10.0.0.0/ 8")]
    [InlineData("10.0.0.0/8/8")]
    [InlineData("10.0.0.0/255.0.0.0")]
    [InlineData("::/129")]
    [InlineData("10.0.0.0/99999999999")]
    public void What_is_no_prefix_is_refused(string text) => Assert.False(IpPrefix.TryParse(text, out _));

    [Fact]
    public void Prefixes_overlap_when_one_holds_the_others_first() =>
        Gen.Select(Addresses, Gen.Int[0, 128], Addresses, Gen.Int[0, 128]).Sample((one, oneLength, other, otherLength) =>
        {
            var (a, b) = (new IpPrefix(one, Math.Min(oneLength, one.Width)), new IpPrefix(other, Math.Min(otherLength, other.Width)));

            Assert.Equal(a.Contains(b.First) || b.Contains(a.First), a.Overlaps(b));
            Assert.Equal(a.Overlaps(b), b.Overlaps(a));
            Assert.Equal(a, IpPrefix.Parse(a.ToString()));
        });

    [Theory]
    [InlineData("fa:16:3e:00:00:01", "fa:16:3e:00:00:01")]
    [InlineData("FA-16-3E-00-00-01", "fa:16:3e:00:00:01")]
    [InlineData("00:00:00:00:00:00", "00:00:00:00:00:00")]
    [InlineData("ff:ff:ff:ff:ff:ff", "ff:ff:ff:ff:ff:ff")]
    public void A_mac_address_is_read_in_either_form(string text, string printed)
    {
        var mac = MacAddress.Parse(text);

        Assert.Equal(printed, mac.ToString());
        Assert.Equal(mac, MacAddress.FromBytes(mac.ToBytes()));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("fa:16:3e:00:00")]
    [InlineData("fa:16:3e:00:00:1")]
    [InlineData("fa:16:3e:00:00:001")]
    [InlineData("fa:16:3e:00:00:0g")]
    [InlineData("fa:16:3e:00:00: 1")]
    [InlineData("fa:16:3e:00:00:+1")]
    [InlineData("fa163e000001")]
    [InlineData("fa.16.3e.00.00.01")]
    [InlineData("fa:16:3e:00:00:01\n")]
    public void What_is_no_mac_address_is_refused(string? text) => Assert.False(MacAddress.TryParse(text, out _));

    [Theory]
    [InlineData("fa:16:3e:00:00:01", "fe80::f816:3eff:fe00:1")]
    [InlineData("00:00:5e:00:01:07", "fe80::200:5eff:fe00:107")]
    public void The_link_local_address_follows_from_the_mac(string mac, string address) =>
        Assert.Equal(address, MacAddress.Parse(mac).LinkLocal().ToString());

    [Fact]
    public void An_id_goes_round_and_sorts_as_it_prints() => Gen.Select(Gen.Guid, Gen.Guid).Sample((one, other) =>
    {
        var (a, b) = (new Id<Port>(one), new Id<Port>(other));

        Assert.Equal(a, Id<Port>.Parse(a.ToString()));
        Assert.Equal(a.ToString()[..11], a.Short);
        Assert.Equal(Math.Sign(string.CompareOrdinal(a.ToString(), b.ToString())), Math.Sign(a.CompareTo(b)));
    });

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("0a1b2c3d00004000800000000000000a")]
    [InlineData("{0a1b2c3d-0000-4000-8000-00000000000a}")]
    [InlineData(" 0a1b2c3d-0000-4000-8000-00000000000a")]
    [InlineData("0a1b2c3d-0000-4000-8000-00000000000a\n")]
    [InlineData("+a1b2c3d-0000-4000-8000-00000000000a")]
    [InlineData("0x1b2c3d-0000-4000-8000-00000000000a")]
    [InlineData("0a1b2c3d-0000-4000-8000-00000000000")]
    [InlineData("../../../../etc/passwd")]
    public void What_is_no_id_is_refused(string? text) => Assert.False(Id<Port>.TryParse(text, out _));

    [Fact]
    public void Bad_texts_name_themselves()
    {
        Assert.Contains("'x'", Assert.Throws<FormatException>(() => IpAddress.Parse("x")).Message, StringComparison.Ordinal);
        Assert.Contains("'x'", Assert.Throws<FormatException>(() => IpPrefix.Parse("x")).Message, StringComparison.Ordinal);
        Assert.Contains("'x'", Assert.Throws<FormatException>(() => MacAddress.Parse("x")).Message, StringComparison.Ordinal);
        Assert.Contains("'x'", Assert.Throws<FormatException>(() => Id<Port>.Parse("x")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lists_are_equal_by_their_items()
    {
        ValueList<int> none = [];

        Assert.Equal(none, default);
        Assert.Equal(none.GetHashCode(), default(ValueList<int>).GetHashCode());
        Assert.True((ValueList<int>)[1, 2] == new[] { 1, 2 }.ToValueList());
        Assert.True((ValueList<int>)[1, 2] != [2, 1]);
        Assert.Equal("[1, 2]", ((ValueList<int>)[1, 2]).ToString());
    }

    [Fact]
    public void A_map_of_sets_forgets_keys_without_values()
    {
        var map = MultiMap<string, int>.Empty.Add("a", 1).Add("a", 2).Remove("a", 1);

        Assert.Equal([2], map.Get("a"));
        Assert.Empty(map.Remove("a", 2).Get("a"));
        Assert.Empty(map.Get("b"));
    }

    [Fact]
    public void A_refusal_is_no_value()
    {
        var refused = Result<int>.Refused(Rejection.Invalid("mtu", "1 is too small"));

        Assert.False(refused.IsOk);
        Assert.Contains("1 is too small", Assert.Throws<InvalidOperationException>(() => refused.Value).Message, StringComparison.Ordinal);
        Assert.Equal(7, Result<int>.Ok(7).Value);
        Assert.Throws<ArgumentOutOfRangeException>(() => Result<int>.Refused());
    }

    [Fact]
    public void A_range_holds_both_ends()
    {
        var range = new IpRange(IpAddress.Parse("10.0.0.2"), IpAddress.Parse("10.0.0.9"));

        Assert.True(range.Contains(range.First) && range.Contains(range.Last) && !range.Contains(range.Last.Plus(1)));
        Assert.Equal("10.0.0.2-10.0.0.9", range.ToString());
        Assert.Equal("42", new Revision(42).ToString());
        Assert.Equal("7", string.Create(CultureInfo.InvariantCulture, $"{new Revision(7)}"));
    }
}

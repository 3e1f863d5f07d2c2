namespace Longwire.Protocol.Tests;

public sealed class ExtensionHeaderTests
{
    private static string Show(IReadOnlyList<ExtensionOffer> offers) => string.Join(", ", offers);

    [Theory]
    [InlineData("permessage-deflate", "permessage-deflate")]
    [InlineData("permessage-deflate; client_max_window_bits", "permessage-deflate; client_max_window_bits")]
    [InlineData("a;b=1;c,d", "a; b=1; c, d")]
    [InlineData(" \ta ;\tb = 1 ; c , d \t", "a; b=1; c, d")]
    [InlineData("a; b=\"1\"", "a; b=1")]
    [InlineData("a; b=\"x\\y\\z\"; c", "a; b=xyz; c")]
    [InlineData("a; b; b=1; b=2", "a; b; b=1; b=2")]
    [InlineData("!#$%&'*+-.^_`|~09AZaz", "!#$%&'*+-.^_`|~09AZaz")]
    [InlineData("__proto__; constructor=hasOwnProperty", "__proto__; constructor=hasOwnProperty")]
    public void A_well_formed_header_is_read_in_order(string line, string expected)
    {
        Assert.True(ExtensionHeader.TryParse(line, out IReadOnlyList<ExtensionOffer> offers, out string? error), error);
        Assert.Equal(expected, Show(offers));
        Assert.Null(error);
    }

    [Theory]
    [InlineData(",a")]
    [InlineData("a,")]
    [InlineData(" , ,, a ,, ")]
    public void Empty_list_elements_are_skipped(string line)
    {
        Assert.True(ExtensionHeader.TryParse(line, out IReadOnlyList<ExtensionOffer> offers, out _));
        Assert.Equal("a", Show(offers));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("  \t")]
    [InlineData(",")]
    [InlineData(" ,,\t,")]
    public void A_header_of_empty_elements_alone_offers_nothing(string? line)
    {
        Assert.True(ExtensionHeader.TryParse(line, out IReadOnlyList<ExtensionOffer> offers, out string? error), error);
        Assert.Empty(offers);
    }

    [Theory]
    [InlineData(";")]
    [InlineData("=")]
    [InlineData(";b")]
    [InlineData("a;")]
    [InlineData("a;,b")]
    [InlineData("a;;b")]
    [InlineData("a;b=")]
    [InlineData("a;b=;c")]
    [InlineData("a;=1")]
    [InlineData("a=1")]
    [InlineData("a b")]
    [InlineData("a;b c")]
    [InlineData("a;b=1 2")]
    [InlineData("a\u00a0;b")]
    [InlineData("a;\u000bb")]
    [InlineData("a;b\u2003=1")]
    [InlineData("a,\fb")]
    [InlineData("a;b==1")]
    [InlineData("a;b=\"")]
    [InlineData("a;b=\"\"")]
    [InlineData("a;b=\"1")]
    [InlineData("a;b=\"1\\")]
    [InlineData("a;b=\"1\\\"")]
    [InlineData("a;b=\"1 2\"")]
    [InlineData("a;b=\"1,2\"")]
    [InlineData("a;b=\"1;2\"")]
    [InlineData("a;b=\"1\\\"2\"")]
    [InlineData("a;b=\"1\\\\2\"")]
    [InlineData("a;b=\"1\"2")]
    [InlineData("a;b=1\"2\"")]
    [InlineData("\"a\"")]
    [InlineData("a;\"b\"")]
    [InlineData("a/b")]
    [InlineData("a@b")]
    [InlineData("a\0")]
    [InlineData("a\r\nb")]
    [InlineData("a;b=é")]
    [InlineData("a\u007f")]
    [InlineData("ａ")]
    public void A_malformed_header_is_refused_with_a_reason_that_quotes_nothing(string? line)
    {
        Assert.False(ExtensionHeader.TryParse(line, out IReadOnlyList<ExtensionOffer> offers, out string? error));
        Assert.Empty(offers);
        Assert.StartsWith("Sec-WebSocket-Extensions ", error, StringComparison.Ordinal);
        Assert.All(error!, c => Assert.InRange(c, ' ', '~'));
    }

    [Fact]
    public void An_offer_needs_a_name_and_parameters()
    {
        Assert.Throws<ArgumentException>("name", static () => new ExtensionOffer(""));
        Assert.Throws<ArgumentNullException>("name", static () => new ExtensionOffer(null!));
        Assert.Throws<ArgumentNullException>("parameters", static () => new ExtensionOffer("a", null!));
    }

    [Fact]
    public void Several_lines_are_one_list()
    {
        Assert.True(ExtensionHeader.TryParse(["a; b", "", "c, d; e=1"], out IReadOnlyList<ExtensionOffer> offers, out _));
        Assert.Equal("a; b, c, d; e=1", Show(offers));
    }

    [Fact]
    public void One_malformed_line_spoils_all() => Assert.False(ExtensionHeader.TryParse(["a; b", "c;"], out _, out _));

    [Fact]
    public void A_quoted_value_does_not_reach_into_the_next_line() =>
        Assert.False(ExtensionHeader.TryParse(["a; b=\"1", "2\""], out _, out _));

    [Fact]
    public void No_line_at_all_offers_nothing() => Assert.True(ExtensionHeader.TryParse([], out _, out _));

    [Fact]
    public void Sixteen_extensions_are_read_and_seventeen_are_refused_over_all_lines()
    {
        string sixteen = string.Join(',', Enumerable.Repeat("a", ExtensionHeader.MaxOffers));
        Assert.True(ExtensionHeader.TryParse(sixteen, out IReadOnlyList<ExtensionOffer> offers, out _));
        Assert.Equal(16, offers.Count);
        Assert.False(ExtensionHeader.TryParse([sixteen, "a"], out _, out string? error));
        Assert.Equal("Sec-WebSocket-Extensions has more than 16 extensions.", error);
    }

    [Fact]
    public void Sixteen_parameters_are_read_and_seventeen_are_refused()
    {
        string sixteen = "a" + string.Concat(Enumerable.Repeat(";b", ExtensionHeader.MaxParameters));
        Assert.True(ExtensionHeader.TryParse(sixteen, out IReadOnlyList<ExtensionOffer> offers, out _));
        Assert.Equal(16, offers[0].Parameters.Count);
        Assert.False(ExtensionHeader.TryParse(sixteen + ";b", out _, out string? error));
        Assert.Equal("Sec-WebSocket-Extensions has an extension with more than 16 parameters.", error);
    }

    [Fact]
    public void Names_are_compared_without_regard_to_case()
    {
        Assert.True(
            ExtensionHeader.TryParse("PerMessage-DEFLATE; Server_No_Context_Takeover", out IReadOnlyList<ExtensionOffer> offers, out _)
        );
        Assert.True(offers[0].Is("permessage-deflate"));
        Assert.True(offers[0].Parameters[0].Is("server_no_context_takeover"));
        Assert.False(offers[0].Is("permessage-deflat"));
    }

    [Theory]
    [InlineData("a;b=\"", "\\a")]
    [InlineData("a;b=\"", "a")]
    [InlineData("", ", ")]
    [InlineData("a", " ")]
    [InlineData("a", ";b ")]
    [InlineData("", "a")]
    [InlineData("a;b=", "\"")]
    public void A_huge_header_takes_linear_time(string start, string repeated)
    {
        string line = start + string.Concat(Enumerable.Repeat(repeated, 1_000_000 / repeated.Length));
        TimeSpan used = ThreadTime.Of(() => ExtensionHeader.TryParse(line, out _, out _));
        // A million characters in linear time take some milliseconds; in quadratic time, minutes.
        Assert.InRange(used, TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void What_was_read_is_written_so_that_it_reads_the_same()
    {
        const string Alphabet = "ab;,=\"\\ \t1-é";
        Seeded.Run(
            100_000,
            random =>
            {
                string line = string.Create(
                    random.Next(1, 14),
                    random,
                    (span, r) =>
                    {
                        foreach (ref char c in span)
                        {
                            c = Alphabet[r.Next(Alphabet.Length)];
                        }
                    }
                );
                if (!ExtensionHeader.TryParse(line, out IReadOnlyList<ExtensionOffer> offers, out _))
                {
                    return;
                }

                string written = Show(offers);
                Assert.True(ExtensionHeader.TryParse(written, out IReadOnlyList<ExtensionOffer> again, out _), line);
                Assert.Equal(written, Show(again));
            }
        );
    }
}

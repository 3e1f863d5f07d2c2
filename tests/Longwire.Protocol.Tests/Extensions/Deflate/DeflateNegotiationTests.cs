namespace Longwire.Protocol.Tests;

public sealed class DeflateNegotiationTests
{
    private static readonly DeflateOptions _takeover = new()
    {
        Enabled = true,
        ServerNoContextTakeover = false,
        ClientNoContextTakeover = false,
    };

    private static readonly DeflateOptions _defaults = new() { Enabled = true };

    private static IReadOnlyList<ExtensionOffer> Parse(string header)
    {
        if (header.Length == 0)
        {
            return [];
        }

        Assert.True(ExtensionHeader.TryParse(header, out IReadOnlyList<ExtensionOffer> offers, out string? error), error);
        return offers;
    }

    private static string? Accept(string offers, DeflateOptions options, DeflateBudget? budget = null)
    {
        bool accepted = DeflateNegotiation.TryAccept(
            Parse(offers),
            options,
            out DeflateParameters? parameters,
            out string? response,
            budget
        );
        Assert.Equal(accepted, parameters is not null);
        Assert.Equal(accepted, response is not null);
        return response;
    }

    [Theory]
    [InlineData("permessage-deflate", "permessage-deflate")]
    [InlineData("PERMESSAGE-DEFLATE; CLIENT_MAX_WINDOW_BITS", "permessage-deflate")]
    [InlineData("permessage-deflate; server_no_context_takeover", "permessage-deflate; server_no_context_takeover")]
    [InlineData("permessage-deflate; client_no_context_takeover", "permessage-deflate; client_no_context_takeover")]
    [InlineData("permessage-deflate; server_max_window_bits=9", "permessage-deflate; server_max_window_bits=9")]
    [InlineData("permessage-deflate; server_max_window_bits=15", "permessage-deflate; server_max_window_bits=15")]
    [InlineData("permessage-deflate; server_max_window_bits=\"12\"", "permessage-deflate; server_max_window_bits=12")]
    [InlineData("permessage-deflate; client_max_window_bits=8", "permessage-deflate; client_max_window_bits=8")]
    [InlineData("permessage-deflate; client_max_window_bits=15", "permessage-deflate")]
    [InlineData(
        "permessage-deflate; client_max_window_bits=10; server_max_window_bits=11; client_no_context_takeover; server_no_context_takeover",
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=11; client_max_window_bits=10"
    )]
    public void A_legal_offer_is_granted_exactly(string offer, string response) => Assert.Equal(response, Accept(offer, _takeover));

    [Theory]
    [InlineData("")]
    [InlineData("permessage-bzip2")]
    [InlineData("x-webkit-deflate-frame")]
    [InlineData("__proto__")]
    [InlineData("permessage-deflate; unknown")]
    [InlineData("permessage-deflate; __proto__")]
    [InlineData("permessage-deflate; constructor=1")]
    [InlineData("permessage-deflate; server_no_context_takeover=1")]
    [InlineData("permessage-deflate; client_no_context_takeover=true")]
    [InlineData("permessage-deflate; server_no_context_takeover; server_no_context_takeover")]
    [InlineData("permessage-deflate; client_no_context_takeover; Client_No_Context_Takeover")]
    [InlineData("permessage-deflate; server_max_window_bits")]
    [InlineData("permessage-deflate; server_max_window_bits=8")]
    [InlineData("permessage-deflate; server_max_window_bits=7")]
    [InlineData("permessage-deflate; server_max_window_bits=0")]
    [InlineData("permessage-deflate; server_max_window_bits=16")]
    [InlineData("permessage-deflate; server_max_window_bits=-9")]
    [InlineData("permessage-deflate; server_max_window_bits=+9")]
    [InlineData("permessage-deflate; server_max_window_bits=09")]
    [InlineData("permessage-deflate; server_max_window_bits=010")]
    [InlineData("permessage-deflate; server_max_window_bits=1")]
    [InlineData("permessage-deflate; server_max_window_bits=100")]
    [InlineData("permessage-deflate; server_max_window_bits=1e1")]
    [InlineData("permessage-deflate; server_max_window_bits=0xA")]
    [InlineData("permessage-deflate; server_max_window_bits=99999999999999999999")]
    [InlineData("permessage-deflate; server_max_window_bits=10; server_max_window_bits=10")]
    [InlineData("permessage-deflate; client_max_window_bits=7")]
    [InlineData("permessage-deflate; client_max_window_bits=16")]
    [InlineData("permessage-deflate; client_max_window_bits=08")]
    [InlineData("permessage-deflate; client_max_window_bits; client_max_window_bits")]
    [InlineData("permessage-deflate; client_max_window_bits; client_max_window_bits=10")]
    [InlineData("permessage-deflate; client_max_window_bits=10; client_max_window_bits")]
    public void An_offer_that_is_not_legal_or_not_possible_is_declined(string offer)
    {
        Assert.Null(Accept(offer, _takeover));
        Assert.Null(Accept(offer, _defaults));
    }

    [Fact]
    public void The_first_acceptable_of_several_is_taken()
    {
        Assert.Equal(
            "permessage-deflate; server_max_window_bits=10",
            Accept(
                "x, permessage-deflate; server_max_window_bits=8, permessage-deflate; y, "
                    + "permessage-deflate; server_max_window_bits=10, permessage-deflate",
                _takeover
            )
        );
    }

    [Fact]
    public void Switched_off_nothing_is_accepted_or_offered()
    {
        Assert.Null(Accept("permessage-deflate", new DeflateOptions()));
        Assert.Null(DeflateNegotiation.CreateOffer(new DeflateOptions()));
    }

    [Fact]
    public void By_default_neither_side_keeps_a_context()
    {
        Assert.Equal(
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
            Accept("permessage-deflate; client_max_window_bits", _defaults)
        );
        Assert.Equal(
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover; client_max_window_bits",
            DeflateNegotiation.CreateOffer(_defaults)?.ToString()
        );
    }

    [Theory]
    [InlineData("permessage-deflate", "permessage-deflate; server_max_window_bits=11")]
    [InlineData("permessage-deflate; client_max_window_bits", "permessage-deflate; server_max_window_bits=11; client_max_window_bits=10")]
    [InlineData("permessage-deflate; client_max_window_bits=9", "permessage-deflate; server_max_window_bits=11; client_max_window_bits=9")]
    [InlineData(
        "permessage-deflate; client_max_window_bits=12",
        "permessage-deflate; server_max_window_bits=11; client_max_window_bits=10"
    )]
    [InlineData("permessage-deflate; server_max_window_bits=10", "permessage-deflate; server_max_window_bits=10")]
    [InlineData("permessage-deflate; server_max_window_bits=12", "permessage-deflate; server_max_window_bits=11")]
    public void The_smaller_window_wins_and_the_client_window_is_only_answered_when_offered(string offer, string response) =>
        Assert.Equal(response, Accept(offer, _takeover with { ServerMaxWindowBits = 11, ClientMaxWindowBits = 10 }));

    [Fact]
    public void Over_the_budget_neither_side_keeps_a_context()
    {
        var full = new DeflateBudget(300_000);
        Assert.Equal(
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
            Accept("permessage-deflate", _takeover, full)
        );
        Assert.Equal("permessage-deflate", Accept("permessage-deflate", _takeover, new DeflateBudget(400_000)));
        Assert.Equal(
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover; client_max_window_bits",
            DeflateNegotiation.CreateOffer(_takeover, full)?.ToString()
        );
        Assert.Equal(
            "permessage-deflate; client_max_window_bits",
            DeflateNegotiation.CreateOffer(_takeover, new DeflateBudget())?.ToString()
        );
    }

    [Theory]
    [InlineData("", "", null)]
    [InlineData("", "permessage-deflate", null)]
    [InlineData("permessage-deflate", "permessage-deflate", "False False 15 15")]
    [InlineData("Permessage-Deflate", "permessage-deflate", "False False 15 15")]
    [InlineData("permessage-deflate; server_no_context_takeover; client_no_context_takeover", "permessage-deflate", "True True 15 15")]
    [InlineData("permessage-deflate; server_max_window_bits=8", "permessage-deflate", "False False 8 15")]
    [InlineData("permessage-deflate; server_max_window_bits=9", "permessage-deflate; server_max_window_bits=10", "False False 9 15")]
    [InlineData("permessage-deflate; client_max_window_bits=8", "permessage-deflate; client_max_window_bits", "False False 15 8")]
    [InlineData("permessage-deflate; client_max_window_bits=\"9\"", "permessage-deflate; client_max_window_bits=10", "False False 15 9")]
    [InlineData("permessage-deflate", "permessage-deflate; client_max_window_bits=10", "False False 15 10")]
    [InlineData("permessage-deflate", "permessage-deflate; client_no_context_takeover", "False True 15 15")]
    public void A_legal_answer_is_understood(string response, string offer, string? agreed)
    {
        Assert.True(
            DeflateNegotiation.TryValidate(
                Parse(response),
                Parse(offer).FirstOrDefault(),
                out DeflateParameters? parameters,
                out string? error
            ),
            error
        );
        Assert.Equal(
            agreed,
            parameters is not { } p
                ? null
                : $"{p.ServerNoContextTakeover} {p.ClientNoContextTakeover} {p.ServerMaxWindowBits} {p.ClientMaxWindowBits}"
        );
    }

    [Theory]
    [InlineData("permessage-deflate", "", "was not offered")]
    [InlineData("foo", "permessage-deflate", "was not offered")]
    [InlineData("permessage-deflate, foo", "permessage-deflate", "was not offered")]
    [InlineData("permessage-deflate, permessage-deflate", "permessage-deflate", "was not offered")]
    [InlineData("permessage-deflate; foo", "permessage-deflate", "an unknown parameter")]
    [InlineData("permessage-deflate; server_no_context_takeover=1", "permessage-deflate", "server_no_context_takeover has a value")]
    [InlineData(
        "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
        "permessage-deflate",
        "server_no_context_takeover is there twice"
    )]
    [InlineData("permessage-deflate; client_max_window_bits=10", "permessage-deflate", "client_max_window_bits was not offered")]
    [InlineData(
        "permessage-deflate; client_max_window_bits",
        "permessage-deflate; client_max_window_bits",
        "client_max_window_bits has no value"
    )]
    [InlineData(
        "permessage-deflate; client_max_window_bits=12",
        "permessage-deflate; client_max_window_bits=10",
        "client_max_window_bits is greater than offered"
    )]
    [InlineData(
        "permessage-deflate; client_max_window_bits=7",
        "permessage-deflate; client_max_window_bits",
        "client_max_window_bits is not a number from 8 to 15"
    )]
    [InlineData(
        "permessage-deflate; client_max_window_bits=16",
        "permessage-deflate; client_max_window_bits",
        "client_max_window_bits is not a number from 8 to 15"
    )]
    [InlineData(
        "permessage-deflate; client_max_window_bits=-1",
        "permessage-deflate; client_max_window_bits",
        "client_max_window_bits is not a number from 8 to 15"
    )]
    [InlineData("permessage-deflate; server_max_window_bits", "permessage-deflate", "server_max_window_bits has no value")]
    [InlineData(
        "permessage-deflate; server_max_window_bits=7",
        "permessage-deflate",
        "server_max_window_bits is not a number from 8 to 15"
    )]
    [InlineData(
        "permessage-deflate; server_max_window_bits=16",
        "permessage-deflate",
        "server_max_window_bits is not a number from 8 to 15"
    )]
    [InlineData(
        "permessage-deflate; server_max_window_bits=1000000",
        "permessage-deflate",
        "server_max_window_bits is not a number from 8 to 15"
    )]
    [InlineData(
        "permessage-deflate; server_max_window_bits=0010",
        "permessage-deflate",
        "server_max_window_bits is not a number from 8 to 15"
    )]
    [InlineData(
        "permessage-deflate; server_max_window_bits=abc",
        "permessage-deflate",
        "server_max_window_bits is not a number from 8 to 15"
    )]
    [InlineData(
        "permessage-deflate; server_max_window_bits=12",
        "permessage-deflate; server_max_window_bits=10",
        "server_max_window_bits is greater than offered"
    )]
    [InlineData("permessage-deflate", "permessage-deflate; server_max_window_bits=10", "server_max_window_bits was offered and is missing")]
    [InlineData(
        "permessage-deflate",
        "permessage-deflate; server_no_context_takeover",
        "server_no_context_takeover was offered and is missing"
    )]
    [InlineData(
        "permessage-deflate; server_max_window_bits=10; server_max_window_bits=10",
        "permessage-deflate",
        "server_max_window_bits is there twice"
    )]
    public void An_answer_that_is_not_legal_fails_the_handshake_by_the_rule_that_it_breaks(string response, string offer, string rule)
    {
        Assert.False(
            DeflateNegotiation.TryValidate(
                Parse(response),
                Parse(offer).FirstOrDefault(),
                out DeflateParameters? parameters,
                out string? error
            )
        );
        Assert.Null(parameters);
        Assert.Contains(rule, error);
    }

    [Fact]
    public void An_offer_that_is_none_of_ours_and_an_argument_that_is_missing_are_the_callers_fault()
    {
        ExtensionOffer[] answer = [new("permessage-deflate")];
        Assert.Throws<ArgumentException>(
            "offer",
            () =>
                DeflateNegotiation.TryValidate(
                    answer,
                    new ExtensionOffer("permessage-deflate", new ExtensionParameter("foo")),
                    out _,
                    out _
                )
        );
        Assert.Throws<ArgumentNullException>("response", static () => DeflateNegotiation.TryValidate(null!, null, out _, out _));
        Assert.Throws<ArgumentNullException>("options", static () => DeflateNegotiation.CreateOffer(null!));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void A_budget_has_room_for_exactly_the_contexts_that_a_connection_keeps(bool serverFresh, bool clientFresh)
    {
        DeflateOptions options = _defaults with
        {
            ServerNoContextTakeover = serverFresh,
            ClientNoContextTakeover = clientFresh,
            ServerMaxWindowBits = 14,
            ClientMaxWindowBits = 12,
        };
        // Each side compresses in its own direction, and inflates the other.
        long compressor = new CompressorSettings(14, options.Level, options.MemoryLevel).MemoryBytes;
        long server = (serverFresh ? 0 : compressor) + (clientFresh ? 0 : MessageInflater.MemoryBytes);
        string granted = Accept("permessage-deflate; client_max_window_bits", options, new DeflateBudget(server))!;
        Assert.Equal((serverFresh, clientFresh), (granted.Contains("server_no"), granted.Contains("client_no")));
        string refused = Accept("permessage-deflate; client_max_window_bits", options, new DeflateBudget(server - 1))!;
        Assert.Equal((true, true), (refused.Contains("server_no"), refused.Contains("client_no")));

        compressor = new CompressorSettings(12, options.Level, options.MemoryLevel).MemoryBytes;
        long client = (clientFresh ? 0 : compressor) + (serverFresh ? 0 : MessageInflater.MemoryBytes);
        string offered = DeflateNegotiation.CreateOffer(options, new DeflateBudget(client))!.ToString();
        Assert.Equal((serverFresh, clientFresh), (offered.Contains("server_no"), offered.Contains("client_no")));
        string modest = DeflateNegotiation.CreateOffer(options, new DeflateBudget(client - 1))!.ToString();
        Assert.Equal((true, true), (modest.Contains("server_no"), modest.Contains("client_no")));
    }

    [Fact]
    public void Whatever_a_client_of_ours_offers_a_server_of_ours_grants_and_the_client_accepts()
    {
        foreach (DeflateOptions client in AllOptions())
        {
            ExtensionOffer offer = DeflateNegotiation.CreateOffer(client)!;
            foreach (DeflateOptions server in AllOptions())
            {
                Assert.True(
                    DeflateNegotiation.TryAccept(Parse(offer.ToString()), server, out DeflateParameters? agreed, out string? response)
                );
                Assert.True(
                    DeflateNegotiation.TryValidate(Parse(response), offer, out DeflateParameters? understood, out string? error),
                    error
                );
                Assert.Equal(agreed, understood);
                Assert.Equal(client.ServerNoContextTakeover || server.ServerNoContextTakeover, agreed.ServerNoContextTakeover);
                Assert.Equal(client.ClientNoContextTakeover || server.ClientNoContextTakeover, agreed.ClientNoContextTakeover);
                Assert.Equal(Math.Min(client.ServerMaxWindowBits, server.ServerMaxWindowBits), agreed.ServerMaxWindowBits);
                Assert.Equal(Math.Min(client.ClientMaxWindowBits, server.ClientMaxWindowBits), agreed.ClientMaxWindowBits);
            }
        }
    }

    private static IEnumerable<DeflateOptions> AllOptions() =>
        from serverFresh in (bool[])[true, false]
        from clientFresh in (bool[])[true, false]
        from serverBits in (int[])[9, 12, 15]
        from clientBits in (int[])[9, 12, 15]
        select new DeflateOptions
        {
            Enabled = true,
            ServerNoContextTakeover = serverFresh,
            ClientNoContextTakeover = clientFresh,
            ServerMaxWindowBits = serverBits,
            ClientMaxWindowBits = clientBits,
        };
}

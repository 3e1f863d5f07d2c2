namespace Longwire.Conformance.Tests;

public sealed class DeflateNegotiationTests
{
    private const string Offer = "permessage-deflate; client_no_context_takeover; client_max_window_bits; server_max_window_bits=10";

    [Fact]
    public void No_answer_is_no_agreement_and_no_fault() => Assert.Equal((null, null), DeflateNegotiation.Take(Offer, null));

    [Fact]
    public void An_answer_that_fits_is_an_agreement()
    {
        (DeflateAgreement? agreement, string? fault) = DeflateNegotiation.Take(
            Offer,
            "permessage-deflate; server_max_window_bits=9; client_max_window_bits=11; client_no_context_takeover"
        );

        Assert.Null(fault);
        Assert.Equal(
            new DeflateAgreement
            {
                PeerWindowBits = 9,
                SuiteWindowBits = 11,
                SuiteNoContextTakeover = true,
            },
            agreement
        );
    }

    [Theory]
    [InlineData("permessage-deflate", "permessage-deflate; client_max_window_bits=10")]
    [InlineData("permessage-deflate; server_max_window_bits=10", "permessage-deflate")]
    [InlineData("permessage-deflate; server_max_window_bits=10", "permessage-deflate; server_max_window_bits=11")]
    [InlineData("permessage-deflate; server_no_context_takeover", "permessage-deflate")]
    [InlineData("permessage-deflate; server_max_window_bits=7", "permessage-deflate")]
    [InlineData("permessage-deflate", "permessage-deflate; x")]
    [InlineData("permessage-deflate", "permessage-deflate; server_max_window_bits=7")]
    [InlineData("permessage-deflate", "permessage-deflate; server_no_context_takeover; server_no_context_takeover")]
    [InlineData("permessage-deflate", "permessage-deflate, permessage-deflate")]
    [InlineData("permessage-deflate", "x-other")]
    [InlineData(null, "permessage-deflate")]
    public void An_answer_that_fits_no_legal_offer_is_a_fault(string? offer, string answer) =>
        Assert.NotNull(DeflateNegotiation.Take(offer, answer).Fault);

    [Theory]
    [InlineData(
        "permessage-deflate; client_max_window_bits",
        true,
        9,
        "permessage-deflate; client_no_context_takeover; client_max_window_bits=9"
    )]
    [InlineData("permessage-deflate; server_no_context_takeover", false, 0, "permessage-deflate; server_no_context_takeover")]
    [InlineData("permessage-deflate; client_no_context_takeover", false, 0, "permessage-deflate; client_no_context_takeover")]
    [InlineData("permessage-deflate; server_max_window_bits=10", false, 0, "permessage-deflate; server_max_window_bits=10")]
    [InlineData("permessage-deflate", false, 9, null)]
    [InlineData("x-other", false, 0, null)]
    [InlineData("permessage-deflate; server_max_window_bits=7", false, 0, null)]
    public void A_client_is_answered_with_what_it_allows(string offers, bool noTakeover, int bits, string? answer) =>
        Assert.Equal(answer, DeflateNegotiation.Answer(offers, new DeflateTerms(new DeflateOffer(noTakeover, bits))).Header);
}

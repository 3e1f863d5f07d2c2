using System.Net;
using System.Text.RegularExpressions;

namespace Longwire.Client.Tests;

/// <summary>The table of endings is the one that docs/protocol/client.md has: scenario 5.</summary>
public sealed partial class ReconnectRuleTests
{
    private static readonly Dictionary<string, ReconnectAdvice> _names = new()
    {
        ["stop"] = ReconnectAdvice.Stop,
        ["back-off"] = ReconnectAdvice.BackOff,
        ["later"] = ReconnectAdvice.Later,
        ["new-token"] = ReconnectAdvice.NewToken,
    };

    public static TheoryData<int, string, ReconnectAdvice> Closes
    {
        get
        {
            var rows = new TheoryData<int, string, ReconnectAdvice>();
            foreach ((string ending, ReconnectAdvice advice) in Rows().Where(static row => char.IsAsciiDigit(row.Ending[0])))
            {
                MatchCollection reasons = Quoted().Matches(ending);
                foreach (Match code in Code().Matches(Quoted().Replace(ending, "")))
                {
                    if (reasons.Count == 0 || ending.Contains("another reason", StringComparison.Ordinal))
                    {
                        rows.Add(int.Parse(code.Value), reasons.Count == 0 ? "whatever" : reasons[0].Groups[1].Value, advice);
                        continue;
                    }

                    foreach (Match reason in reasons)
                    {
                        rows.Add(int.Parse(code.Value), reason.Groups[1].Value, advice);
                    }
                }
            }

            return rows;
        }
    }

    public static TheoryData<int, ReconnectAdvice> Handshakes =>
        [
            .. from row in Rows()
            where row.Ending.StartsWith("handshake: ", StringComparison.Ordinal)
            from Match code in Code().Matches(row.Ending)
            select (int.Parse(code.Value), row.Advice),
        ];

    [Theory]
    [MemberData(nameof(Closes))]
    public void A_close_has_the_advice_of_the_document(int code, string reason, ReconnectAdvice advice) =>
        Assert.Equal(advice, ReconnectRule.For((CloseStatus)code, reason));

    [Theory]
    [MemberData(nameof(Handshakes))]
    public void A_refused_handshake_has_the_advice_of_the_document(int status, ReconnectAdvice advice) =>
        Assert.Equal(advice, ReconnectRule.For((HttpStatusCode)status));

    [Fact]
    public void The_document_has_every_rule_and_no_other_is_needed()
    {
        Assert.True(Closes.Count >= 24, $"{Closes.Count} rows were found in the document.");
        Assert.Equal(3, Handshakes.Count);
        string document = Document();
        Assert.All(
            ReconnectRule.All,
            rule => Assert.Contains(rule.CloseReason ?? ((int?)rule.Status ?? (int)rule.HttpStatus!).ToString(), document)
        );
        Assert.Equal(ReconnectAdvice.BackOff, ReconnectRule.For((CloseStatus)4999, ""));
        Assert.Equal(ReconnectAdvice.BackOff, ReconnectRule.For((HttpStatusCode?)null));
        Assert.Equal(ReconnectAdvice.BackOff, ReconnectRule.For(HttpStatusCode.BadGateway));
    }

    private static IEnumerable<(string Ending, ReconnectAdvice Advice)> Rows() =>
        Row().Matches(Document()).Select(match => (match.Groups["ending"].Value, _names[match.Groups["advice"].Value]));

    private static string Document()
    {
        DirectoryInfo folder = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Longwire.slnx")))
        {
            folder = folder.Parent!;
        }

        string text = File.ReadAllText(Path.Combine(folder.FullName, "docs/protocol/client.md"));
        int start = text.IndexOf("### What each ending means", StringComparison.Ordinal);
        return text[start..text.IndexOf("\n## ", start, StringComparison.Ordinal)];
    }

    [GeneratedRegex(@"^\| (?<ending>[^|]+) \| `(?<advice>[a-z-]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("\"([^\"]+)\"")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"(?<![–\d])\b\d{3,4}\b(?!–)")]
    private static partial Regex Code();
}

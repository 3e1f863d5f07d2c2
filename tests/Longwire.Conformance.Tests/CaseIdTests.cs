namespace Longwire.Conformance.Tests;

public sealed class CaseIdTests
{
    [Fact]
    public void Numbers_sort_part_by_part()
    {
        string[] ids = ["2.10", "20.1.1", "2.9", "1.1.8", "12.1.1", "6.4.1", "6.10.1"];

        string[] sorted = [.. ids.Select(i => new CaseId(i)).Order().Select(i => i.ToString())];

        Assert.Equal(["1.1.8", "2.9", "2.10", "6.4.1", "6.10.1", "12.1.1", "20.1.1"], sorted);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("1..2")]
    [InlineData("1.-2")]
    public void What_is_no_number_is_refused(string text) => Assert.Throws<FormatException>(() => new CaseId(text));

    [Theory]
    [InlineData("6.*", "6.4.1", true)]
    [InlineData("6.4.*", "6.4.1", true)]
    [InlineData("6.4", "6.4.1", true)]
    [InlineData("6.4.1", "6.4.1", true)]
    [InlineData("6.4.1", "6.4.10", false)]
    [InlineData("1.*", "10.1.1", false)]
    [InlineData("2.1", "2.10", false)]
    [InlineData("*", "13.7.18", true)]
    public void Patterns_take_whole_parts(string pattern, string id, bool matches) =>
        Assert.Equal(matches, CasePattern.Matches(pattern, new CaseId(id)));

    [Fact]
    public void A_pattern_with_an_exclamation_mark_takes_away()
    {
        string[] picked = [.. CasePattern.Select(CaseCatalog.Standard, ["1.*", "2.*", "!1.2.*", "!2.10"]).Select(c => c.Id.ToString())];

        Assert.Equal(8 + 10, picked.Length);
        Assert.DoesNotContain("2.10", picked);
        Assert.Equal(517 - 54 - 90 - 126, CasePattern.Select(CaseCatalog.Standard, ["!9.*", "!12.*", "!13.*"]).Count);
    }
}

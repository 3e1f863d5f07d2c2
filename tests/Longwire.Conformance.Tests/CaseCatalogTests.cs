namespace Longwire.Conformance.Tests;

public sealed class CaseCatalogTests
{
    [Fact]
    public void There_are_517_standard_cases() => Assert.Equal(517, CaseCatalog.Standard.Count);

    [Theory]
    [InlineData("1.1", 8)]
    [InlineData("1.2", 8)]
    [InlineData("2", 11)]
    [InlineData("3", 7)]
    [InlineData("4.1", 5)]
    [InlineData("4.2", 5)]
    [InlineData("5", 20)]
    [InlineData("6.1", 3)]
    [InlineData("6.2", 4)]
    [InlineData("6.3", 2)]
    [InlineData("6.4", 4)]
    [InlineData("6.5", 5)]
    [InlineData("6.6", 11)]
    [InlineData("6.12", 8)]
    [InlineData("6.14", 10)]
    [InlineData("6.20", 7)]
    [InlineData("6.21", 8)]
    [InlineData("6.22", 34)]
    [InlineData("6.23", 7)]
    [InlineData("7.1", 6)]
    [InlineData("7.3", 6)]
    [InlineData("7.5", 1)]
    [InlineData("7.7", 13)]
    [InlineData("7.9", 9)]
    [InlineData("7.13", 2)]
    [InlineData("9.1", 6)]
    [InlineData("9.4", 9)]
    [InlineData("9.8", 6)]
    [InlineData("10", 1)]
    [InlineData("12", 90)]
    [InlineData("13", 126)]
    public void Each_chapter_has_its_number_of_cases(string pattern, int count) =>
        Assert.Equal(count, CasePattern.Select(CaseCatalog.Standard, [pattern]).Count);

    [Fact]
    public void No_number_is_used_twice() => Assert.Equal(CaseCatalog.All.Count, CaseCatalog.All.DistinctBy(c => c.Id).Count());

    [Fact]
    public void Our_own_cases_say_where_the_rule_stands()
    {
        Assert.All(
            CaseCatalog.Own,
            c =>
            {
                Assert.InRange(c.Id.Chapter, 20, 21);
                Assert.NotEmpty(c.Section);
                Assert.NotEqual(Subjects.None, c.Subjects);
            }
        );
    }

    [Fact]
    public void The_sequences_are_UTF8_or_not_as_the_list_says()
    {
        foreach ((int chapter, string about, (bool Valid, string Hex)[] samples) in Utf8Samples.All())
        {
            foreach ((bool valid, string hex) in samples)
            {
                Assert.True(valid == System.Text.Unicode.Utf8.IsValid(Convert.FromHexString(hex)), $"6.{chapter}, {about}: {hex}");
            }
        }
    }
}

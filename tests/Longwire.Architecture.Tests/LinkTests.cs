using System.Text.RegularExpressions;

namespace Longwire.Architecture.Tests;

/// <summary>A link in a page leads to something.</summary>
public sealed partial class LinkTests
{
    public static TheoryData<string> Pages =>
        [
            .. new[] { "docs", "src", "templates" }
                .SelectMany(folder => Directory.GetFiles(Path.Combine(Repository.Root, folder), "*.md", SearchOption.AllDirectories))
                .Concat(Directory.GetFiles(Repository.Root, "*.md"))
                .Select(path => Path.GetRelativePath(Repository.Root, path).Replace('\\', '/'))
                .Where(path => !path.Contains("/node_modules/", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal),
        ];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_link_of_a_page_leads_somewhere(string page)
    {
        string path = Path.Combine(Repository.Root, page);
        Assert.All(LinksOf(File.ReadAllText(path)), link => Assert.True(Exists(path, link), link));
    }

    // The gallery of packages shows the page without the files around it.
    [Theory]
    [MemberData(nameof(Pages))]
    public void The_page_of_a_package_links_to_web_addresses_only(string page)
    {
        if (page.StartsWith("src/", StringComparison.Ordinal) || page.StartsWith("templates/", StringComparison.Ordinal))
        {
            Assert.All(LinksOf(File.ReadAllText(Path.Combine(Repository.Root, page))), link => Assert.True(IsWebAddress(link), link));
        }
    }

    [Fact]
    public void A_link_to_what_does_not_exist_is_found()
    {
        string readme = Path.Combine(Repository.Root, "README.md");
        Assert.True(Exists(readme, "docs/ARCHITECTURE.md#longwireprotocol"));
        Assert.False(Exists(readme, "docs/ARCHITECTURES.md"));
        Assert.False(Exists(readme, "docs/ARCHITECTURE.md#nothing"));
        Assert.Equal(["a.md", "#b"], LinksOf("See [a](a.md) and [b](#b).\n```\nlist[0](not a link)\n```\n`x[1](y)`"));
    }

    private static IEnumerable<string> LinksOf(string markdown) =>
        Link().Matches(Code().Replace(markdown, "")).Select(match => match.Groups["target"].Value);

    private static bool IsWebAddress(string link) => link.StartsWith("https://", StringComparison.Ordinal);

    private static bool Exists(string page, string link)
    {
        if (IsWebAddress(link))
        {
            return Uri.TryCreate(link, UriKind.Absolute, out _);
        }

        string[] parts = link.Split('#', 2);
        string target = parts[0].Length == 0 ? page : Path.Combine(Path.GetDirectoryName(page)!, parts[0]);
        if (parts.Length == 1)
        {
            return File.Exists(target) || Directory.Exists(target);
        }

        return File.Exists(target) && AnchorsOf(File.ReadAllText(target)).Contains(parts[1]);
    }

    // As GitHub and docfx make them of headings.
    private static IEnumerable<string> AnchorsOf(string markdown) =>
        Heading()
            .Matches(Fence().Replace(markdown, ""))
            .Select(match => NoAnchor().Replace(match.Groups["text"].Value.Trim().ToLowerInvariant(), "").Replace(' ', '-'));

    [GeneratedRegex(@"(?<!\\)\[[^\]]*\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^```.*?^```|`[^`\n]*`", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Code();

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"^#+ (?<text>.*)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NoAnchor();
}

using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Longwire.Playground.Tests;

/// <summary>The page at <c>/</c>: a word over the wire, the story, programs that run as they are copied.</summary>
public sealed partial class LandingPageTests(Playground playground)
{
    private const string Usings = """
        global using System;
        global using System.Threading.Tasks;
        global using Microsoft.AspNetCore.Builder;
        global using Microsoft.Extensions.DependencyInjection;
        """;

    [Fact]
    public async Task A_word_goes_to_the_server_and_comes_back()
    {
        await using Visitor visitor = await playground.VisitAsync(static options => options.ReducedMotion = ReducedMotion.NoPreference);
        IPage page = await visitor.OpenAsync("/");
        for (int time = 0; time < 2; time++)
        {
            await page.GetByTestId("word").FillAsync("wire " + time);
            await page.GetByTestId("say").ClickAsync();
            await Assertions.Expect(page.GetByTestId("answer")).ToContainTextAsync($"“wire {time}” came back in");
        }

        await Assertions.Expect(page.GetByTestId("answer")).Not.ToContainTextAsync("opened for it");
        visitor.AssertNothingWentWrong();
    }

    [Fact]
    public async Task The_story_plays_to_its_end_where_letters_were_in_vain_and_late()
    {
        await using Visitor visitor = await playground.VisitAsync(static options => options.ReducedMotion = ReducedMotion.NoPreference);
        IPage page = await visitor.OpenAsync("/");
        await page.Clock.InstallAsync();
        await page.ReloadAsync();
        await page.GetByTestId("story-play").ScrollIntoViewIfNeededAsync();
        await Assertions.Expect(page.GetByTestId("story-play")).ToHaveTextAsync(Begun());
        await page.Clock.RunForAsync(20_000);
        await Assertions.Expect(page.GetByTestId("story-play")).ToHaveTextAsync("Play again");
        await Assertions.Expect(page.Locator("#letters-vain")).ToHaveTextAsync("4");
        await Assertions.Expect(page.Locator("#call-vain")).ToHaveTextAsync("0");
        await Assertions.Expect(page.Locator("#letters-late")).ToHaveTextAsync("0.93 s");
        visitor.AssertNothingWentWrong();
    }

    [Fact]
    public async Task What_is_copied_is_the_program_that_is_shown()
    {
        await using Visitor visitor = await playground.VisitAsync(static options =>
            options.Permissions = ["clipboard-read", "clipboard-write"]
        );
        IPage page = await visitor.OpenAsync("/");
        string shown = await ProgramAsync(page, "python");
        await using Shown button = await Shown.WatchAsync(page, "copy");
        await page.GetByTestId("copy").ClickAsync();
        await button.SeeAsync("Copied");
        Assert.Equal(shown, await page.EvaluateAsync<string>("navigator.clipboard.readText()"));
    }

    [Fact]
    public async Task The_program_in_JavaScript_says_hello()
    {
        await using Visitor visitor = await playground.VisitAsync();
        IPage page = await visitor.OpenAsync("/");
        Task<IConsoleMessage> hello = page.WaitForConsoleMessageAsync(
            new() { Predicate = static message => message.Text.Contains("Hello from JavaScript", StringComparison.Ordinal) }
        );
        await page.EvaluateAsync(await ProgramAsync(page, "js") + "undefined");
        await hello;
        visitor.AssertNothingWentWrong();
    }

    [Fact]
    public async Task The_program_in_Python_says_hello()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["hello.py"], await ProgramAsync("python"));
        await using ChildProcess python = ChildProcess.Start(Places.Python, "-u", folder["hello.py"]);
        await python.Output.WaitForAsync(Hello(), patience: Patience.Long);
    }

    [Fact]
    public async Task The_line_for_curl_shows_the_handshake_and_the_first_frame()
    {
        await using ChildProcess curl = ChildProcess.Start("/bin/sh", "-c", await ProgramAsync("curl"));
        await curl.Output.WaitForAsync(Switching());
        await curl.Output.WaitForAsync(Accept());
    }

    [Fact]
    public async Task The_program_in_CSharp_says_hello()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllBytesAsync(folder["hello.dll"], Compile(await ProgramAsync("csharp")));
        foreach (string library in Directory.GetFiles(AppContext.BaseDirectory, "Longwire*.dll"))
        {
            File.Copy(library, folder[Path.GetFileName(library)]);
        }

        string runtime = Path.Combine(AppContext.BaseDirectory, "Longwire.Playground.Tests.runtimeconfig.json");
        await using ChildProcess hello = ChildProcess.Start("dotnet", "exec", "--runtimeconfig", runtime, folder["hello.dll"]);
        await hello.Output.WaitForAsync(Hello(), patience: Patience.Long);
    }

    [Fact]
    public async Task The_server_in_CSharp_compiles() => Assert.NotEmpty(Compile(await ProgramAsync("server")));

    private static async Task<string> ProgramAsync(IPage page, string language)
    {
        await page.Locator($"[data-program={language}]").ClickAsync();
        return await page.GetByTestId("program").EvaluateAsync<string>("code => code.textContent");
    }

    private static byte[] Compile(string program)
    {
        string[] trusted = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        var compilation = CSharpCompilation.Create(
            "program" + Guid.NewGuid().ToString("N"),
            [CSharpSyntaxTree.ParseText(Usings), CSharpSyntaxTree.ParseText(program)],
            trusted.Select(static file => MetadataReference.CreateFromFile(file)),
            new CSharpCompilationOptions(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable)
        );
        using var image = new MemoryStream();
        Assert.Empty(compilation.Emit(image).Diagnostics.Where(static fault => fault.Severity >= DiagnosticSeverity.Warning));
        return image.ToArray();
    }

    private async Task<string> ProgramAsync(string language)
    {
        await using Visitor visitor = await playground.VisitAsync();
        return await ProgramAsync(await visitor.OpenAsync("/"), language);
    }

    // The clock of the page goes by itself, too.
    [GeneratedRegex("Stop|Play again")]
    private static partial Regex Begun();

    [GeneratedRegex("Hello from (Python|C#)")]
    private static partial Regex Hello();

    [GeneratedRegex("^HTTP/1.1 101 Switching Protocols")]
    private static partial Regex Switching();

    // The answer of RFC 6455 §4.2.2 to the key in the line.
    [GeneratedRegex("^Sec-WebSocket-Accept: unmNHNsqDuJ3h5ocxS7ajEhQBKU=", RegexOptions.IgnoreCase)]
    private static partial Regex Accept();
}

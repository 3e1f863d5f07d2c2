namespace Longwire.Packages.Tests;

/// <summary><c>dotnet new longwire-chat</c>, as somebody types it who has the package.</summary>
public sealed class TemplateTests(Feed feed)
{
    [Fact]
    public async Task A_chat_is_made_and_builds()
    {
        string hive = Path.Combine(feed.Folder, "hive");
        string package = Path.Combine(feed.PackagesFolder, $"Longwire.Templates.{feed.Version}.nupkg");
        await DotnetCommand.RunAsync(feed.Folder, "new", "install", package, "--debug:custom-hive", hive);
        await DotnetCommand.RunAsync(
            feed.Folder,
            "new",
            "longwire-chat",
            "--output",
            "Chat",
            "--no-update-check",
            "--debug:custom-hive",
            hive
        );
        string chat = Path.Combine(feed.Folder, "Chat");
        Assert.True(File.Exists(Path.Combine(chat, "wwwroot", "index.html")));

        string output = await DotnetCommand.RunAsync(chat, "build", "-warnaserror", "-nodeReuse:false");

        Assert.True(File.Exists(Path.Combine(chat, "bin", "Debug", "net10.0", "Chat.dll")), output);
    }
}

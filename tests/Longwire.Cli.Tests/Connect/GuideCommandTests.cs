namespace Longwire.Cli.Tests;

/// <summary>The clients for the terminal that the guide on debugging names, started as it says, do what it says.</summary>
public sealed class GuideCommandTests
{
    private const string Address = "ws://localhost:5000/hub";

    [Theory]
    [InlineData("longwire connect " + Address)]
    [InlineData("npx wscat -c " + Address)]
    public async Task What_is_typed_into_it_signs_in_and_joins_a_room(string command)
    {
        string guide = await File.ReadAllTextAsync(CompiledApplication.Metadata("Debugging"));
        Assert.Contains($"\n{command}\n", guide, StringComparison.Ordinal);
        await using ToolRun server = await ToolRun.ServeAsync();
        string[] words = command.Replace(Address, server.Socket("/hub").ToString(), StringComparison.Ordinal).Split(' ');
        await using ToolProcess client =
            words[0] == "npx" ? ToolProcess.StartProgram("node", [ToolProcess.Wscat, .. words[2..]]) : ToolProcess.Start(words[1..]);
        string answer = "\"type\":\"connected\"";
        foreach (
            (string typed, string next) in ((string, string)[])
                [
                    ("""{"type":"auth","token":"valid-token","username":"ann"}""", "auth-success"),
                    ("""{"type":"join-room","room":"general"}""", "joined-room"),
                ]
        )
        {
            Assert.Contains($"`{typed}`", guide, StringComparison.Ordinal);
            await client.Output.WaitForAsync(answer);
            await client.Input.WriteLineAsync(typed);
            await client.Input.FlushAsync();
            answer = $"\"type\":\"{next}\"";
        }

        await client.Output.WaitForAsync(answer);
    }
}

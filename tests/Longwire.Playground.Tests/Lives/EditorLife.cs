using System.Text.Json;

namespace Longwire.Playground.Tests;

/// <summary>Two write in one text, both of them on a dead line too, and have the same in the end.</summary>
internal sealed class EditorLife : PageLife
{
    private readonly string _document = Guid.NewGuid().ToString();
    private string _text = "";

    public override string Path => "/editor?document=" + _document;

    public override async Task LoseAsync(int time)
    {
        await base.LoseAsync(time);
        await First.SeeAsync("outlook", "What you write waits here");
        string behind = $" Ada {time}.",
            before = $"Bob {time}. ";
        await First.RunAsync($"void editor.view.dispatch({{ changes: {{ from: editor.view.state.doc.length, insert: '{behind}' }} }})");
        await Second.RunAsync($"void editor.view.dispatch({{ changes: {{ from: 0, insert: '{before}' }} }})");
        _text = before + _text + behind;
    }

    public override async Task ReturnAsync(int time)
    {
        await OnlineAsync();
        await SameAsync();
    }

    protected override async Task BeginAsync()
    {
        await First.FillAsync("name", "Ada");
        await Second.FillAsync("name", "Bob");
        await OnlineAsync();
        await First.SeeAsync("people", "Bob");
        await Second.SeeAsync("people", "Ada");
        _text = "One text.";
        await First.RunAsync($"void editor.view.dispatch({{ changes: {{ from: 0, insert: '{_text}' }} }})");
        await SameAsync();
    }

    private async Task SameAsync()
    {
        string text = JsonSerializer.Serialize(_text);
        foreach (Tab tab in Both)
        {
            await tab.UntilAsync($"editor.text.toString() === {text} && editor.view.state.doc.toString() === {text}");
        }
    }
}

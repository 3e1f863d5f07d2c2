namespace Longwire.Playground.Tests;

/// <summary>The editor: two write in one text at once, one of them offline.</summary>
public sealed class EditorPageTests(Playground playground)
{
    [Fact]
    public async Task Two_see_each_other_s_names_and_cursors_and_what_each_writes()
    {
        await using Visitor visitor = await playground.VisitAsync();
        string document = Guid.NewGuid().ToString();
        IPage ada = await OpenAsync(visitor, document, "Ada");
        IPage bob = await OpenAsync(visitor, document, "Bob");
        await Assertions.Expect(ada.GetByTestId("people")).ToContainTextAsync("Bob");
        await Assertions.Expect(bob.GetByTestId("people")).ToContainTextAsync("Ada");
        await ada.BringToFrontAsync();
        await WriteAsync(ada, "Dear Bob, ");
        await Assertions.Expect(bob.Locator(".cm-ySelectionInfo")).ToHaveTextAsync("Ada");
        Assert.StartsWith(
            "hsl(",
            await ada.EvaluateAsync<string>("editor.provider.awareness.getLocalState().user.color"),
            StringComparison.Ordinal
        );
        Assert.StartsWith(
            "background-color",
            await bob.Locator(".cm-ySelectionCaret").EvaluateAsync<string>("caret => caret.style.cssText"),
            StringComparison.Ordinal
        );
        await HasAsync(bob, "Dear Bob, ");
        await bob.BringToFrontAsync();
        await WriteAsync(bob, "dear Ada");
        await HasAsync(ada, "Dear Bob, dear Ada");
        await bob.Keyboard.PressAsync("Control+z");
        await HasAsync(ada, "Dear Bob, ");
        visitor.AssertNothingWentWrong();
        playground.Server.AssertNothingWentWrong();
    }

    [Fact]
    public async Task One_who_has_gone_offline_by_the_button_and_another_who_writes_meanwhile_have_the_same_text_in_the_end()
    {
        await using Visitor visitor = await playground.VisitAsync();
        string document = Guid.NewGuid().ToString();
        IPage ada = await OpenAsync(visitor, document, "Ada");
        IPage bob = await OpenAsync(visitor, document, "Bob");
        await WriteAsync(ada, "One text");
        await HasAsync(bob, "One text");
        await ada.GetByTestId("line").ClickAsync();
        await Assertions.Expect(ada.GetByTestId("state")).ToHaveTextAsync("offline");
        await Assertions.Expect(ada.GetByTestId("outlook")).ToContainTextAsync("You are offline");
        await Assertions.Expect(bob.GetByTestId("people")).Not.ToContainTextAsync("Ada");
        await WriteAsync(ada, ", written on by Ada");
        await bob.Locator(".cm-content").PressAsync("Control+Home");
        await bob.Keyboard.InsertTextAsync("Bob's: ");
        await HasAsync(bob, "Bob's: One text");

        await ada.GetByTestId("line").ClickAsync();
        foreach (IPage page in (IPage[])[ada, bob])
        {
            await HasAsync(page, "Bob's: One text, written on by Ada");
            await Assertions.Expect(page.GetByTestId("state")).ToHaveTextAsync("online");
        }

        IPage later = await OpenAsync(visitor, document, "Carl");
        await HasAsync(later, "Bob's: One text, written on by Ada");
        playground.Server.AssertNothingWentWrong();
    }

    private static async Task<IPage> OpenAsync(Visitor visitor, string document, string name)
    {
        IPage page = await visitor.OpenAsync("/editor?document=" + document);
        await page.GetByTestId("name").FillAsync(name);
        await Assertions.Expect(page.GetByTestId("state")).ToHaveTextAsync("online");
        return page;
    }

    private static async Task WriteAsync(IPage page, string text)
    {
        await page.Locator(".cm-content").PressAsync("Control+End");
        await page.Keyboard.InsertTextAsync(text);
    }

    private static Task HasAsync(IPage page, string text) =>
        page.UntilAsync(
            $"editor.text.toString() === {System.Text.Json.JsonSerializer.Serialize(text)} && editor.view.state.doc.toString() === editor.text.toString()"
        );
}

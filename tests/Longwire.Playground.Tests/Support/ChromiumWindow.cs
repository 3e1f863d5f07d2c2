using System.Text.Json;

namespace Longwire.Playground.Tests;

/// <summary>A context of Chromium.</summary>
internal sealed class ChromiumWindow(Visitor visitor) : BrowserWindow
{
    public override async Task<Tab> OpenAsync(string address) => new ChromiumTab(await visitor.OpenAsync(address));

    public override Task SetOfflineAsync(bool isOffline) => visitor.Context.SetOfflineAsync(isOffline);

    public override void AssertNothingWentWrong() => visitor.AssertNothingWentWrong();

    public override ValueTask DisposeAsync() => visitor.DisposeAsync();

    private sealed class ChromiumTab(IPage page) : Tab
    {
        public override Task GoToAsync(string address) => page.GotoAsync(address);

        public override Task BackAsync() => page.GoBackAsync();

        public override async Task<string?> RunAsync(string expression) =>
            await page.EvaluateAsync($"() => {expression}") is { } answer
                ? answer.ValueKind == JsonValueKind.String
                    ? answer.GetString()
                    : answer.GetRawText()
                : null;

        public override Task CloseAsync() => page.CloseAsync();
    }
}

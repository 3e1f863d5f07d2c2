using System.Text.Json;
using System.Text.RegularExpressions;

namespace Longwire.Cli.Tests;

/// <summary><c>longwire generate</c> on applications that are compiled here; TypeScript's compiler and AsyncAPI's parser judge.</summary>
public sealed partial class GenerateTests(GenerateTests.ChatApplication application) : IClassFixture<GenerateTests.ChatApplication>
{
    private const string Chat = """
        var builder = WebApplication.CreateBuilder(args);
        builder.Services.AddLongwireHub(o => o.AllowGuests = true);
        var app = builder.Build();
        var hub = app.MapLongwireHub("/hub");
        hub.Produces<Invited>().Asks<Confirm, bool>().On<Sum, int>((HubRequest request, Sum sum) => ValueTask.FromResult(sum.Of.Sum()));
        hub.MapRoom("chat:{name}").OnMessage<Say>(message => message.Accept()).Relay<Typing>()
            .On<Search, Page<Found>>((RoomRequest request, Search search) => ValueTask.FromResult(new Page<Found>([], null)));
        hub.MapRoom("board:{id:int}").OnMessage<Card>(message => message.Accept()).On<Draw>((request, draw) => { })
            .WithMap(map => map.Holds<Sticker>("sticker/").MayPut("sticker/").Holds<int>("votes/"));
        hub.MapRoom("notes").WithMap();
        hub.MapRoom("metrics").ReadOnly().Produces<Metrics>();
        app.Run();

        [HubMessage("message")] record Say(string Text, string? ReplyTo = null);
        record Typing(bool On);
        record Search(string Text, int Limit = 20);
        record Found(string Text, DateTimeOffset At, Guid Id, Found? Parent);
        record Page<T>(IReadOnlyList<T> Items, string? Next);
        record Card(string Title, Column Column, Dictionary<string, double> Weights);
        [System.Text.Json.Serialization.JsonConverter(typeof(System.Text.Json.Serialization.JsonStringEnumConverter<Column>))] enum Column { Todo, Done }
        record Draw(byte[] Points);
        record Sticker(string Text, string Colour = "yellow");
        record Metrics { public double Cpu { get; init; } public int[]? Cores { get; init; } }
        record Invited(string To);
        record Confirm(string Text);
        record Sum(int[] Of);
        """;

    private const string Contract = """
        // Written by longwire generate typescript from Chat: changes are lost when it is written again.

        /** The rooms and messages of Chat's hub. */
        export interface ChatContract {
          rooms: [
            [`board:${number}`, {
              message: unknown;
              messages: {
                card: Card;
                draw: Draw;
              };
              requests: {
                draw: { request: Draw; reply: undefined };
              };
              maps: {
                'sticker/': Sticker;
                'votes/': number;
              };
            }],
            [`chat:${string}`, {
              message: Say;
              messages: {
                typing: Typing;
              };
              requests: {
                search: { request: Search; reply: PageOfFound };
              };
              maps: {};
            }],
            ['notes', {
              message: unknown;
              messages: {};
              requests: {};
              maps: Record<string, unknown>;
            }],
            ['metrics', {
              message: never;
              messages: {
                metrics: Metrics;
              };
              requests: {};
              maps: {};
            }],
          ];
          messages: {
            invited: Invited;
          };
          requests: {
            sum: { request: Sum; reply: number };
          };
          asks: {
            confirm: { content: Confirm; reply: boolean };
          };
        }

        export interface Sum {
          of: number[];
        }

        export interface Card {
          title: string;
          column: 'Todo' | 'Done';
          weights: Record<string, number>;
        }

        export interface Draw {
          points: string;
        }

        export interface Say {
          text: string;
          replyTo?: string | null;
        }

        export interface Typing {
          on: boolean;
        }

        export interface Search {
          text: string;
          limit?: number;
        }

        export interface Sticker {
          text: string;
          colour?: string;
        }

        export interface PageOfFound {
          items: Found[];
          next: string | null;
        }

        export interface Found {
          text: string;
          at: string;
          id: string;
          parent: Found | null;
        }

        export interface Invited {
          to: string;
        }

        export interface Confirm {
          text: string;
        }

        export interface Metrics {
          cpu: number;
          cores: number[] | null;
        }

        """;

    private const string Client = """
        import { HubClient } from 'longwire';
        import { liveMap } from 'longwire/state';
        import type { ChatContract } from './contract.js';

        const client = new HubClient<ChatContract>('/hub');
        const room = client.room('chat:general');
        room.on('message', m => console.log(`${m.username}: ${m.message.text}`));
        room.publish({ text: 'Hello' });
        room.send('typing', { on: true });
        const found = await room.ask('search', { text: 'hi' });
        console.log(found.items[0]?.parent?.at, await client.ask('sum', { of: [1, 2] }));
        client.room(`board:${7 as number}`).publish('card', { title: 'Tea', column: 'Done', weights: { a: 1.5 } });
        client.room('metrics').on('metrics', m => console.log(m.cpu.toFixed(), m.cores?.length));
        client.me.on('invited', ({ to }) => console.log(to));
        client.onAsk('confirm', ({ text }) => text.length > 0);
        const stickers = liveMap(client.room('board:7'), 'sticker/');
        await stickers.put('1', { text: 'Tea' });
        await stickers.update('1', sticker => ({ ...sticker, colour: 'red' }));
        console.log(stickers.get('1')?.text, liveMap(client.room('board:7'), 'votes/').get('1')?.toFixed(), liveMap(client.room('notes'), 'any/'));
        // @ts-expect-error: the board holds nothing there
        liveMap(client.room('board:7'), 'stickers/');
        // @ts-expect-error: a chat keeps no map
        liveMap(client.room('chat:general'), 'sticker/');
        """;

    // They work for seconds, on a busy machine for a minute.
    private static readonly TimeSpan _compilers = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task The_contract_has_the_rooms_the_messages_and_their_types()
    {
        await using ToolRun run = ToolRun.Start("generate", "typescript", "--from", application.Compiled.File);
        Assert.True(await run.EndAsync() == 0, run.Error.Text);
        Assert.Equal(Contract, run.Output.Text);
    }

    [Fact]
    public async Task A_client_compiles_and_no_longer_does_once_a_field_is_renamed_in_the_application()
    {
        using var renamed = new CompiledApplication(
            Chat.Replace("Say(string Text,", "Say(string Words,", StringComparison.Ordinal)
                .Replace("Sticker(string Text,", "Sticker(string Label,", StringComparison.Ordinal)
        );
        string[][] found = await CompileClientsAsync((application.Compiled, Client), (renamed, Client));
        Assert.Empty(found[0]);
        string[] errors = found[1];
        Assert.Equal(4, errors.Length);
        Assert.Contains("Property 'text' does not exist on type 'Say'", errors[0], StringComparison.Ordinal);
        Assert.StartsWith("client.ts(8,16): error TS2", errors[1], StringComparison.Ordinal);
        Assert.StartsWith("client.ts(17,27): error TS2", errors[2], StringComparison.Ordinal);
        Assert.Contains("Property 'text' does not exist on type 'Sticker'", errors[3], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_guide_shows_what_is_written_and_its_client_compiles()
    {
        string guide = await File.ReadAllTextAsync(CompiledApplication.Metadata("Guide"));
        string[] pieces = [.. Fence().Matches(guide).Select(static match => match.Groups["code"].Value)];
        Assert.Equal(3, pieces.Length);
        using var chat = new CompiledApplication(pieces[0]);
        string[] errors = (await CompileClientsAsync((chat, pieces[2])))[0];
        Assert.Empty(errors);
        Assert.Equal(pieces[1], await File.ReadAllTextAsync(chat.InFolder("contract.ts")));
    }

    [Fact]
    public async Task The_document_is_AsyncAPI_and_a_planted_fault_in_it_is_found()
    {
        string file = application.Compiled.InFolder("asyncapi.json");
        string faulty = application.Compiled.InFolder("faulty.json");
        await using ToolRun run = ToolRun.Start("generate", "asyncapi", "--from", application.Compiled.File, "--to", file);
        Assert.True(await run.EndAsync() == 0, run.Error.Text);
        string document = await File.ReadAllTextAsync(file);
        Assert.Contains("\"address\": \"chat:{name}\"", document, StringComparison.Ordinal);
        Assert.Contains("\"pattern\": \"^sticker\\\\/\"", document, StringComparison.Ordinal);
        Assert.Equal(["map-changed-sticker_", "map-changed-votes_", "map-put-sticker_", "map-remove-sticker_"], MapOperations(document));
        await File.WriteAllTextAsync(faulty, document.Replace("\"action\": \"receive\"", "\"action\": \"take\"", StringComparison.Ordinal));
        string[] judged = await RunNodeAsync("judge.mjs", file, faulty);
        Assert.Equal("channels hub board-id chat-name notes metrics", judged[0]);
        Assert.Contains("\"action\" property must be equal to one of the allowed values", judged[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_application_does_not_start()
    {
        using var chat = new CompiledApplication(
            """
            var builder = WebApplication.CreateBuilder();
            builder.Services.AddLongwireHub();
            builder.Services.AddHostedService<Worker>();
            var app = builder.Build();
            app.Urls.Add("http://nowhere.invalid:1");
            app.MapLongwireHub("/hub").MapRoom(args[0]);
            app.Run();
            sealed class Worker : BackgroundService
            {
                protected override Task ExecuteAsync(CancellationToken stopping) => File.WriteAllTextAsync("worked", "");
            }
            """
        );
        await using ToolRun run = ToolRun.Start("generate", "typescript", "--from", chat.File, "--name", "MyContract", "--", "lobby");
        Assert.True(await run.EndAsync() == 0, run.Error.Text);
        Assert.Contains("interface MyContract {\n  rooms: [\n    ['lobby', {", run.Output.Text, StringComparison.Ordinal);
        Assert.False(File.Exists(chat.InFolder("worked")));
    }

    [Theory]
    [InlineData("var app = WebApplication.CreateBuilder(args).Build(); app.Run();", "it doesn't call AddLongwireHub()")]
    [InlineData("Console.Error.WriteLine(\"no database\"); Environment.Exit(3);", "no database")]
    [InlineData("Console.Out.Flush();", "It ended without starting a web application.")]
    [InlineData(
        "var b = WebApplication.CreateBuilder(args); b.Services.AddLongwireHub(); var app = b.Build(); app.MapLongwireHub(\"/\").MapRoom(\"a:{b\"); app.Run();",
        "MapRoom(\"a:{b\"): the braces don't match."
    )]
    [InlineData(
        "var b = WebApplication.CreateBuilder(args); b.Services.AddLongwireHub(); var app = b.Build(); app.MapLongwireHub(\"/\").Produces<Late>(); app.Run(); record Late(string Room);",
        "Produces<Late>: Late has a property Room, which the hub writes. Rename it."
    )]
    public async Task An_application_whose_hub_can_not_be_read_says_why(string code, string why)
    {
        using var chat = new CompiledApplication(code);
        await using ToolRun run = ToolRun.Start("generate", "typescript", "--from", chat.File);
        Assert.Equal(1, await run.EndAsync());
        Assert.Contains(why, run.Error.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Error.Text, StringComparison.Ordinal);
        Assert.Equal("", run.Output.Text);
    }

    [Fact]
    public async Task What_is_no_application_with_a_hub_is_not_run()
    {
        using var chat = new CompiledApplication("File.WriteAllText(\"ran\", \"\");", without: ["Longwire.Hubs.dll"]);
        foreach (
            (string file, string why) in new[]
            {
                (chat.File, "no Longwire.Hubs.dll"),
                ("no.dll", "is no DLL"),
                (chat.InFolder("Longwire.dll"), "is a library"),
            }
        )
        {
            await using ToolRun run = ToolRun.Start("generate", "asyncapi", "--from", file);
            Assert.Equal(1, await run.EndAsync());
            Assert.Contains(why, run.Error.Text, StringComparison.Ordinal);
        }

        Assert.False(File.Exists(chat.InFolder("ran")));
    }

    private static string[] MapOperations(string document) =>
        [
            .. JsonDocument
                .Parse(document)
                .RootElement.GetProperty("operations")
                .EnumerateObject()
                .Select(static operation => operation.Name.Split('.', 3)[2])
                .Where(static name => name.StartsWith("map-", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal),
        ];

    // The lines that a script of contracts/ prints.
    private static async Task<string[]> RunNodeAsync(string script, params string[] arguments)
    {
        string file = Path.Combine(CompiledApplication.Metadata("Contracts"), script);
        await using ToolProcess node = ToolProcess.StartProgram("node", [file, .. arguments]);
        Assert.True(await node.EndAsync(_compilers) == 0, node.Error.Text);
        Assert.Equal("", node.Error.Text);
        return node.Output.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    // The compiler's errors in each of some clients. Its own start costs the most.
    private static async Task<string[][]> CompileClientsAsync(params (CompiledApplication Application, string Program)[] clients)
    {
        foreach ((CompiledApplication chat, string program) in clients)
        {
            await using ToolRun run = ToolRun.Start("generate", "typescript", "--from", chat.File, "--to", chat.InFolder("contract.ts"));
            Assert.True(await run.EndAsync() == 0, run.Error.Text);
            await File.WriteAllTextAsync(chat.InFolder("client.ts"), program);
        }

        string sources = CompiledApplication.Metadata("JavaScriptClient");
        string[] found = await RunNodeAsync("compile.mjs", [sources, .. clients.Select(static client => client.Application.InFolder("."))]);
        return [.. found.Select(static line => JsonSerializer.Deserialize<string[]>(line)!)];
    }

    [GeneratedRegex(@"^```(csharp|ts)\n(?<code>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    /// <summary>The application that most of these read, compiled once.</summary>
    public sealed class ChatApplication : IDisposable
    {
        internal CompiledApplication Compiled { get; } = new(Chat);

        public void Dispose() => Compiled.Dispose();
    }
}

using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Longwire.Hubs.Tests;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;

namespace Longwire.Interop.Tests;

/// <summary>
/// The hub's figures as Prometheus has them, by OpenTelemetry's exporter. No other test runs meanwhile: the exporter takes those of all hubs
/// in the process.
/// </summary>
[CollectionDefinition(nameof(PrometheusTests), DisableParallelization = true)]
[Collection(nameof(PrometheusTests))]
public sealed partial class PrometheusTests
{
    [Fact]
    public async Task Prometheus_scrapes_the_figures_of_a_hub()
    {
        await using WaysServer server = await WaysServer.StartAsync(
            build: static builder =>
                builder
                    .Services.AddOpenTelemetry()
                    .WithMetrics(static metrics => metrics.AddMeter(Longwire.Hubs.Hub.MeterName).AddPrometheusExporter()),
            use: static application => application.MapPrometheusScrapingEndpoint()
        );
        HubWay socket = await server.ConnectAsync(WayIn.WebSocket, "ann");
        HubWay events = await server.ConnectAsync(WayIn.Events, "bob");
        await socket.JoinAsync("general");
        await events.JoinAsync("general");
        await server.Hub.PublishAsync("general", "1"u8.ToArray());

        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(
            folder["prometheus.yml"],
            $$"""
            global: { scrape_interval: 3s, scrape_timeout: 3s }
            scrape_configs:
              - job_name: hub
                static_configs: [ { targets: [ "{{server.Address.Authority}}" ] } ]
            """
        );
        await using var prometheus = ChildProcess.Start(
            Places.Prometheus,
            $"--config.file={folder["prometheus.yml"]}",
            $"--storage.tsdb.path={folder["data"]}",
            "--web.listen-address=127.0.0.1:0"
        );
        Match listening = await prometheus.Errors.WaitForAsync(ListeningLine(), patience: Patience.Long);
        await prometheus.Errors.WaitForAsync(ReadyLine(), patience: Patience.Long);
        using var http = new HttpClient { BaseAddress = new Uri($"http://{listening.Groups["address"].Value}") };

        await AssertAsync(http, Latest("longwire_hub_connections", "longwire_hub_transport", "web_sockets"), 1);
        await AssertAsync(http, Latest("longwire_hub_connections", "longwire_hub_transport", "server_sent_events"), 1);
        await AssertAsync(http, Latest("longwire_hub_rooms"), 1);
        await AssertAsync(http, Latest("longwire_hub_members"), 2);
        await AssertAsync(http, Latest("longwire_hub_publish_duration_seconds_count", "longwire_hub_publish_outcome", "published"), 1);
        await AssertAsync(http, $"count({Latest("longwire_hub_publish_duration_seconds_bucket")})", 16);
        await AssertAsync(http, $"{Latest("longwire_hub_messages_sent_total")} >= bool 5", 1);
    }

    // Of the last scrape that came through: on a busy machine the newest may have taken too long, which makes a figure stale.
    private static string Latest(string figure, string? label = null, string? value = null) =>
        label is null ? $"last_over_time({figure}[1h])" : $$"""last_over_time({{figure}}{{{label}}="{{value}}"}[1h])""";

    /// <summary>Asks Prometheus until it has scraped.</summary>
    private static async Task AssertAsync(HttpClient http, string query, double expected)
    {
        string answer = "";
        double? value = null;
        using var patience = new CancellationTokenSource(Patience.Long);
        while (value != expected)
        {
            Assert.False(patience.IsCancellationRequested, $"{query} has not come to {expected}: {answer}");
            await Task.Delay(100, TestContext.Current.CancellationToken);
            answer = await http.GetStringAsync("/api/v1/query?query=" + Uri.EscapeDataString(query));
            using var document = JsonDocument.Parse(answer);
            JsonElement result = document.RootElement.GetProperty("data").GetProperty("result");
            value =
                result.GetArrayLength() == 0
                    ? null
                    : double.Parse(result[0].GetProperty("value")[1].GetString()!, CultureInfo.InvariantCulture);
        }
    }

    [GeneratedRegex("msg=\"Listening on\" address=(?<address>[0-9.:]+)")]
    private static partial Regex ListeningLine();

    [GeneratedRegex("Server is ready to receive web requests")]
    private static partial Regex ReadyLine();
}

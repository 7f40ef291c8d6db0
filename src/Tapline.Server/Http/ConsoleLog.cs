using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Tapline.Server.Http;

/// <summary>One plain line an entry on standard error, where systemd and shells expect it.</summary>
internal sealed class ConsoleLog : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new Logger(categoryName);

    public void Dispose()
    {
    }

    private sealed class Logger(string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var time = DateTimeOffset.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
            var level = logLevel switch
            {
                LogLevel.Critical or LogLevel.Error => "error",
                LogLevel.Warning => "warning",
                LogLevel.Information => "info",
                _ => "debug",
            };
            var trace = exception is null ? "" : " " + exception.ToString().ReplaceLineEndings(" | ");
            Console.Error.WriteLine($"{time} {level} {category}[{eventId.Id}] {formatter(state, exception)}{trace}");
        }
    }
}

namespace Tapline.Agent.Reading;

/// <summary>
/// Work that waits for the kernel or for a program, by a thread of its own: the pool starts with one thread a processor, and while those
/// wait, gives out another only after some 100 ms.
/// </summary>
internal static class OwnThread
{
    public static Task<T> Run<T>(Func<T> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    public static Task Run(Action work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}

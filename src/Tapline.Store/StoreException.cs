namespace Tapline.Store;

/// <summary>The store could not do what it was asked: a disk that is full or gone, a store in use by another.</summary>
public class StoreException(string message, Exception? inner = null) : Exception(message, inner);

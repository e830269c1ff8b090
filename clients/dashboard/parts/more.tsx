interface MoreProps {
  list: { hasNextPage: boolean; isFetchingNextPage: boolean; isPaused: boolean; fetchNextPage: () => Promise<unknown> };
}

/** Below a list: the button for its next page, with a note if there are several. */
export const More = ({ list: { hasNextPage, isFetchingNextPage, isPaused, fetchNextPage } }: MoreProps) => (
  <>
    {hasNextPage && (
      <button type="button" class="more" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
        {isFetchingNextPage ? 'Loading' : 'Show more'}
      </button>
    )}
    {isPaused && <p class="quiet note-below">With more than one page, the list is updated when you reload it.</p>}
  </>
);

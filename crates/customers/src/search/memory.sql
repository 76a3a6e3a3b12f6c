{sqlite}insert into customer_search_fts (customer_search_fts, rank) values ('hashsize', 8000000);
